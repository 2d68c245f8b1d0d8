namespace Nspawn.Core;

/// <summary>A machine's 128-bit id, with dashes as a UUID or without as in /etc/machine-id; never all zeros, which means none.</summary>
public static class MachineIds
{
    private const int DashedLength = 36;
    private const int PlainLength = 32;

    public static Guid Parse(string text) =>
        IsWellFormed(text) && Guid.Parse(text) is { } id && id != Guid.Empty
            ? id
            : throw new UsageException("expected 32 hexadecimal digits, with or without the dashes of a UUID, not all zero");

    private static bool IsWellFormed(string text)
    {
        if (text.Length is not (DashedLength or PlainLength))
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            bool dash = text.Length == DashedLength && i is 8 or 13 or 18 or 23;
            if (text.Length == PlainLength ? !char.IsAsciiHexDigit(text[i]) : dash ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
