using System.Buffers.Binary;
using System.Net;

namespace Nspawn;

/// <summary>What a client wants; RFC 2131.</summary>
internal enum DhcpType : byte
{
    Discover = 1,
    Offer = 2,
    Request = 3,
    Decline = 4,
    Ack = 5,
    Nak = 6,
    Release = 7,
    Inform = 8,
}

/// <summary>A client's message, as far as a server with one address has to read it.</summary>
/// <param name="Type">What it wants.</param>
/// <param name="Transaction">What tells the answer from others.</param>
/// <param name="Broadcast">It cannot take an answer to an address it does not have yet.</param>
/// <param name="Current">The address it has; 0.0.0.0: none.</param>
/// <param name="Hardware">Its link-layer address, in the 16 bytes of the field.</param>
/// <param name="Requested">The address it asks for; null: none.</param>
/// <param name="Server">The server it has chosen; null: none yet.</param>
internal sealed record DhcpMessage(
    DhcpType Type, uint Transaction, bool Broadcast, IPAddress Current, byte[] Hardware, IPAddress? Requested, IPAddress? Server)
{
    public const ushort ServerPort = 67;
    public const ushort ClientPort = 68;

    private const int HeaderLength = 236;
    private const uint Cookie = 0x63825363;
    private const byte BootRequest = 1;
    private const byte BootReply = 2;
    private const byte Ethernet = 1;
    private const byte Pad = 0, End = 255;
    private const byte RequestedAddress = 50, MessageType = 53, ServerIdentifier = 54;

    /// <summary>Reads a client's message; null for what is none.</summary>
    public static DhcpMessage? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength + sizeof(uint) || bytes[0] != BootRequest || bytes[1] != Ethernet || bytes[2] != 6
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[HeaderLength..]) != Cookie)
        {
            return null;
        }

        DhcpType? type = null;
        IPAddress? requested = null, server = null;
        ReadOnlySpan<byte> options = bytes[(HeaderLength + sizeof(uint))..];
        while (options.Length > 0 && options[0] != End)
        {
            if (options[0] == Pad)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options.Length < 2 + options[1])
            {
                return null;
            }

            ReadOnlySpan<byte> value = options.Slice(2, options[1]);
            switch (options[0])
            {
                case MessageType when value.Length == 1:
                    type = (DhcpType)value[0];
                    break;
                case RequestedAddress when value.Length == 4:
                    requested = new IPAddress(value);
                    break;
                case ServerIdentifier when value.Length == 4:
                    server = new IPAddress(value);
                    break;
            }

            options = options[(2 + options[1])..];
        }

        return type is not DhcpType known ? null : new DhcpMessage(
            known, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), (bytes[10] & 0x80) != 0,
            new IPAddress(bytes.Slice(12, 4)), bytes.Slice(28, 16).ToArray(), requested, server);
    }

    /// <summary>The answer's bytes.</summary>
    /// <param name="type">Offer, Ack or Nak.</param>
    /// <param name="yours">The address the client is given; 0.0.0.0: none.</param>
    /// <param name="options">Numbers and values, beside the message's type.</param>
    public byte[] Reply(DhcpType type, IPAddress yours, IEnumerable<(byte Number, byte[] Value)> options)
    {
        const int Smallest = 300; // what BOOTP relays and old clients expect
        byte[] header = new byte[HeaderLength + sizeof(uint)];
        header[0] = BootReply;
        header[1] = Ethernet;
        header[2] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Transaction);
        header[10] = (byte)(Broadcast ? 0x80 : 0);
        _ = (type == DhcpType.Nak ? IPAddress.Any : Current).TryWriteBytes(header.AsSpan(12), out _);
        _ = yours.TryWriteBytes(header.AsSpan(16), out _);
        Hardware.CopyTo(header, 28);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(HeaderLength), Cookie);
        List<byte> bytes = [.. header, MessageType, 1, (byte)type];
        foreach ((byte number, byte[] value) in options)
        {
            bytes.AddRange([number, (byte)value.Length, .. value]);
        }

        bytes.Add(End);
        bytes.AddRange(Enumerable.Repeat(Pad, Math.Max(0, Smallest - bytes.Count)));
        return [.. bytes];
    }
}
