using System.Text;
using System.Text.Unicode;

namespace Nspawn.Core;

/// <summary>A <c>.nspawn</c> file as it was found; systemd.nspawn(5).</summary>
/// <param name="Path">On the host.</param>
/// <param name="Trusted">It may ask for everything: it is the administrator's.</param>
/// <param name="Text">What it holds.</param>
/// <param name="Fault">Why it cannot be used; null: it can.</param>
public sealed record SettingsFile(string Path, bool Trusted, string Text, string? Fault = null)
{
    public const int LargestKilobytes = 64;

    public const int LargestSize = LargestKilobytes * 1024;

    /// <summary>Its path and what it may.</summary>
    public string Described => Path + (Trusted ? "" : " (not trusted)");

    /// <summary>The file with these bytes; of a longer one than is read, those and one more.</summary>
    public static SettingsFile Of(string path, bool trusted, ReadOnlySpan<byte> bytes)
    {
        string? fault = bytes.Length > LargestSize ? $"it is larger than {LargestKilobytes} KiB"
            : bytes.Contains((byte)0) ? "it holds a NUL byte"
            : !Utf8.IsValid(bytes) ? "it is not UTF-8"
            : null;
        return new SettingsFile(path, trusted, fault is null ? Encoding.UTF8.GetString(bytes) : "", fault);
    }
}
