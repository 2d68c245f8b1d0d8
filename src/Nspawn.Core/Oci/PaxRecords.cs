using System.Globalization;
using System.Text;

namespace Nspawn.Core;

/// <summary>
/// The extended header of a tar entry: <c>LENGTH KEY=VALUE</c> and a line break for each record; pax(1). A value is bytes: an
/// extended attribute holds any.
/// </summary>
internal static class PaxRecords
{
    public static void Read(ReadOnlySpan<byte> content, Dictionary<string, byte[]> records)
    {
        while (!content.IsEmpty)
        {
            int blank = content[..Math.Min(content.Length, 10)].IndexOf((byte)' ');
            if (blank <= 0 || !int.TryParse(content[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length > content.Length || length < blank + 4 || content[length - 1] != '\n')
            {
                throw new TarException("an extended header is damaged");
            }

            ReadOnlySpan<byte> record = content[(blank + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
            {
                throw new TarException("an extended header is damaged");
            }

            records[Encoding.UTF8.GetString(record[..equals])] = record[(equals + 1)..].ToArray();
            content = content[length..];
        }
    }

    /// <summary>A time in seconds with a fraction; also before 1970.</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out long seconds, out uint nanoseconds)
    {
        int dot = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? text : text[..dot], fraction = dot < 0 ? [] : text[(dot + 1)..];
        nanoseconds = 0;
        if (!long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds) || seconds is < -(1L << 40) or > 1L << 40)
        {
            return false;
        }

        for (int i = 0; i < 9; i++)
        {
            byte digit = i < fraction.Length ? fraction[i] : (byte)'0';
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            nanoseconds = (nanoseconds * 10) + (uint)(digit - '0');
        }

        if (whole.StartsWith("-"u8) && nanoseconds > 0)
        {
            seconds--;
            nanoseconds = 1_000_000_000 - nanoseconds;
        }

        return true;
    }
}
