using System.Buffers.Binary;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A file's access control list, with one user and one group named; acl(5), linux/posix_acl_xattr.h.</summary>
internal static class Acl
{
    public const string Access = "system.posix_acl_access";
    public const string Default = "system.posix_acl_default";

    private const uint Nobody = uint.MaxValue;

    public static void Write(string path, string kind, uint user, uint group)
    {
        (ushort Tag, uint Id)[] entries = [(1, Nobody), (2, user), (4, Nobody), (8, group), (16, Nobody), (32, Nobody)];
        byte[] value = new byte[4 + 8 * entries.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(value, 2);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> entry = value.AsSpan(4 + 8 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], 4); // read
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[i].Id);
        }

        Assert.Equal(0, Syscall.setxattr(path, kind, value, (ulong)value.Length));
    }

    public static (uint User, uint Group) Read(string path, string kind)
    {
        Assert.True(Syscall.getxattr(path, kind, out byte[] value) > 0, $"{path} has no {kind}");
        return (IdOf(value, tag: 2), IdOf(value, tag: 8));
    }

    private static uint IdOf(byte[] value, ushort tag)
    {
        for (int at = 4; at + 8 <= value.Length; at += 8)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(at)) == tag)
            {
                return BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(at + 4));
            }
        }

        return Nobody;
    }
}
