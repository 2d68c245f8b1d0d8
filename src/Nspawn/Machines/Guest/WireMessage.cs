using System.Buffers.Binary;

namespace Nspawn;

/// <summary>A message as it came from the wire.</summary>
/// <param name="Kind">A reply, an error or a signal.</param>
/// <param name="ReplyTo">The serial of the call it answers.</param>
/// <param name="Path">The object that a signal is about.</param>
/// <param name="Member">A signal's name.</param>
/// <param name="Error">An error's name.</param>
/// <param name="Body">The arguments.</param>
internal sealed record WireMessage(WireKind Kind, uint ReplyTo, string Path, string Member, string Error, object[] Body)
{
    /// <summary>What tells how long a message is.</summary>
    public const int PrefixLength = 16;

    /// <summary>A manager with ten thousand units says less.</summary>
    private const int Longest = 16 * 1024 * 1024;

    /// <summary>The whole length of the message that begins so.</summary>
    public static int LengthOf(ReadOnlySpan<byte> prefix)
    {
        bool little = IsLittleEndian(prefix);
        long body = ReadUInt32(prefix[4..], little), fields = ReadUInt32(prefix[12..], little);
        long length = PrefixLength + (fields + 7) / 8 * 8 + body;
        return length <= Longest ? (int)length : throw new GuestException("", "its manager's answer is too long");
    }

    public static WireMessage Parse(ReadOnlySpan<byte> bytes)
    {
        WireReader reader = new(bytes, IsLittleEndian(bytes)) { Position = PrefixLength - sizeof(uint) };
        Dictionary<ulong, object> fields = [];
        foreach (object field in (object[])reader.Read("a(yv)")[0])
        {
            object[] pair = (object[])field;
            fields[(ulong)pair[0]] = pair[1];
        }

        string Text(ulong code) => fields.GetValueOrDefault(code) as string ?? "";
        reader.Align(8);
        return new WireMessage(
            (WireKind)bytes[1], fields.GetValueOrDefault(5UL) is ulong serial ? (uint)serial : 0, Text(1), Text(3), Text(4), reader.Read(Text(8)));
    }

    private static bool IsLittleEndian(ReadOnlySpan<byte> message) => message[0] switch
    {
        (byte)'l' => true,
        (byte)'B' => false,
        _ => throw new GuestException("", "its manager does not speak D-Bus"),
    };

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}

/// <summary>D-Bus's kinds of messages.</summary>
internal enum WireKind : byte
{
    Call = 1,
    Reply = 2,
    Error = 3,
    Signal = 4,
}
