using System.Buffers.Binary;
using Mono.Unix.Native;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>Extended attributes, and those that name users: access control lists and file capabilities; xattr(7), acl(5), capabilities(7).</summary>
public static unsafe class FileAttribute
{
    public const string Capabilities = "security.capability";

    // linux/posix_acl.h, linux/posix_acl_xattr.h
    private const int AclHeader = 4, AclEntry = 8, AclId = 4;
    private const ushort ACL_USER = 2, ACL_GROUP = 8;

    private const uint VFS_CAP_REVISION_2 = 0x02000000, VFS_CAP_REVISION_3 = 0x03000000, VFS_CAP_REVISION_MASK = 0xff000000;
    private const int XATTR_CAPS_SZ_2 = 20, XATTR_CAPS_SZ_3 = 24;

    /// <summary>The value; null: there is none, or the file system has no attributes.</summary>
    public static byte[]? Read(string path, string name)
    {
        byte[] value = new byte[256];
        while (true)
        {
            nint length;
            fixed (byte* buffer = value)
            {
                length = LibC.getxattr(path, name, buffer, (nuint)value.Length);
            }

            if (length >= 0)
            {
                return value[..(int)length];
            }

            Errno errno = Check.LastErrno();
            if (errno != Errno.ERANGE || value.Length > 64 * 1024)
            {
                return errno is Errno.ENODATA or Errno.EOPNOTSUPP or Errno.ENOENT ? null : throw new SyscallException("getxattr", errno, path);
            }

            value = new byte[value.Length * 16];
        }
    }

    public static void Write(string path, string name, byte[] value)
    {
        fixed (byte* buffer = value)
        {
            _ = Check.Result(LibC.setxattr(path, name, buffer, (nuint)value.Length, 0), path);
        }
    }

    /// <summary>Changes the users and groups that a list names.</summary>
    public static void ShiftAcl(string path, string name, Func<uint, uint> shifted)
    {
        if (Read(path, name) is not byte[] acl)
        {
            return;
        }

        bool changed = false;
        for (int at = AclHeader; at + AclEntry <= acl.Length; at += AclEntry)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(acl.AsSpan(at)) is ACL_USER or ACL_GROUP)
            {
                Span<byte> id = acl.AsSpan(at + AclId);
                uint old = BinaryPrimitives.ReadUInt32LittleEndian(id);
                BinaryPrimitives.WriteUInt32LittleEndian(id, shifted(old));
                changed |= shifted(old) != old;
            }
        }

        if (changed)
        {
            Write(path, name, acl);
        }
    }

    /// <summary>The same capabilities, for the user namespace of that root; 0: for the host.</summary>
    public static byte[] WithRoot(byte[] capabilities, uint root)
    {
        byte[] changed = new byte[root == 0 ? XATTR_CAPS_SZ_2 : XATTR_CAPS_SZ_3];
        capabilities.AsSpan(0, Math.Min(capabilities.Length, XATTR_CAPS_SZ_2)).CopyTo(changed);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(changed) & ~VFS_CAP_REVISION_MASK;
        BinaryPrimitives.WriteUInt32LittleEndian(changed, flags | (root == 0 ? VFS_CAP_REVISION_2 : VFS_CAP_REVISION_3));
        if (root != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(XATTR_CAPS_SZ_2), root);
        }

        return changed;
    }
}
