using System.Buffers.Binary;
using System.Text;

namespace Nspawn.Core;

/// <summary>
/// Link-layer addresses that a machine keeps over its boots, so that it keeps its lease too: systemd's, bit for bit. They
/// hang on the host's identity; without one the kernel picks some.
/// </summary>
public sealed class MacAddresses(Guid? hostId, string machine)
{
    private static readonly byte[] s_host = Convert.FromHexString("1a376fc746ec450bada3d53106605db1");
    private static readonly byte[] s_container = Convert.FromHexString("c3c4f919b557b21ce6cf1427039ceea2");
    private static readonly byte[] s_extraHost = Convert.FromHexString("48c7f6b7ea9d4c9eb728d4de91d5bf66");
    private static readonly byte[] s_extraContainer = Convert.FromHexString("af501761cef94d35840d2b2054bece59");
    private static readonly byte[] s_macvlan = Convert.FromHexString("00136dbc66834481bb0cf9511f24a66f");

    public string? Host => Of(s_host, 0);

    public string? Container => Of(s_container, 0);

    public string? ExtraHost(int number) => Of(s_extraHost, (ulong)number);

    public string? ExtraContainer(int number) => Of(s_extraContainer, (ulong)number);

    public string? Macvlan(int number) => Of(s_macvlan, (ulong)number);

    /// <summary>Six bytes as hexadecimal digits, with or without colons between; null: it is no such address.</summary>
    public static byte[]? Parse(string text)
    {
        string digits = text.Replace(":", "", StringComparison.Ordinal);
        return digits.Length == 12 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private string? Of(byte[] key, ulong number)
    {
        if (hostId is not Guid id)
        {
            return null;
        }

        List<byte> data = [.. id.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(machine)];
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (number > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            data.AddRange(bytes);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, SipHash.Of(key, [.. data]));
        bytes[0] = (byte)(bytes[0] & ~1 | 2); // of one station, and given by nobody's register
        return string.Join(':', bytes[..6].ToArray().Select(one => one.ToString("x2")));
    }
}
