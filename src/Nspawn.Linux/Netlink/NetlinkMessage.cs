using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Nspawn.Linux.Interop;

namespace Nspawn.Linux;

/// <summary>A request to the kernel being written: a header, a struct of the family's, and attributes; netlink(7).</summary>
internal sealed class NetlinkMessage
{
    private byte[] _bytes = new byte[256];
    private int _length;

    private NetlinkMessage()
    {
    }

    public static NetlinkMessage Of<T>(ushort type, ushort flags, in T family)
        where T : unmanaged
    {
        NetlinkMessage message = new();
        message.Append(new LibC.nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(flags | LibC.NLM_F_REQUEST) });
        message.Append(family);
        return message;
    }

    /// <summary>The finished message.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence)
    {
        ref LibC.nlmsghdr header = ref Unsafe.As<byte, LibC.nlmsghdr>(ref _bytes[0]);
        header.nlmsg_len = (uint)_length;
        header.nlmsg_seq = sequence;
        return _bytes.AsSpan(0, _length);
    }

    public NetlinkMessage Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        int start = Open(type);
        Append(value);
        return Close(start);
    }

    public NetlinkMessage Text(ushort type, string value) => Bytes(type, [.. Encoding.UTF8.GetBytes(value), 0]);

    public NetlinkMessage Number(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Bytes(type, bytes);
    }

    public NetlinkMessage Short(ushort type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return Bytes(type, bytes);
    }

    /// <summary>An attribute that holds what <paramref name="content"/> writes.</summary>
    public NetlinkMessage Nested(ushort type, Action<NetlinkMessage> content)
    {
        int start = Open((ushort)(type | LibC.NLA_F_NESTED));
        content(this);
        return Close(start);
    }

    public NetlinkMessage Append<T>(in T value)
        where T : unmanaged
    {
        Append(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
        return this;
    }

    private int Open(ushort type)
    {
        int start = _length;
        Append(new LibC.nlattr { nla_type = type });
        return start;
    }

    // The length is without the padding, which every attribute begins behind.
    private NetlinkMessage Close(int start)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        Span<byte> padding = stackalloc byte[3];
        padding.Clear();
        Append(padding[..(-_length & 3)]);
        return this;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        if (_length + value.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, 2 * (_length + value.Length));
        }

        value.CopyTo(_bytes.AsSpan(_length));
        _length += value.Length;
    }
}
