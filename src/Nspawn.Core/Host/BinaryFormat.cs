using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>A kind of program that the host's kernel hands to an emulator; binfmt_misc.</summary>
public sealed record BinaryFormat
{
    private const string Place = "/proc/sys/fs/binfmt_misc";

    public required string Name { get; init; }

    /// <summary>The emulator's path.</summary>
    public required string Interpreter { get; init; }

    /// <summary>The emulator was opened when it was registered: it need not be in the tree.</summary>
    public bool IsOpened { get; init; }
    public int Offset { get; init; }

    /// <summary>What programs of the kind begin with, and the bits of it that count; empty: they are told by their names.</summary>
    public ImmutableArray<byte> Magic { get; init; } = [];
    public ImmutableArray<byte> Mask { get; init; } = [];

    /// <summary>The ending of the names of its programs.</summary>
    public string? Extension { get; init; }

    public bool Takes(ReadOnlySpan<byte> head, string path)
    {
        if (Extension is not null)
        {
            return path.EndsWith("." + Extension, StringComparison.Ordinal);
        }

        for (int i = 0; i < Magic.Length; i++)
        {
            byte mask = Mask.IsEmpty ? (byte)0xff : Mask[i];
            if (Offset + i >= head.Length || (head[Offset + i] & mask) != (Magic[i] & mask))
            {
                return false;
            }
        }

        return !Magic.IsEmpty;
    }

    /// <summary>Those that are switched on; none when the host has no binfmt_misc mounted.</summary>
    public static ImmutableArray<BinaryFormat> ReadAll()
    {
        using SafeFileHandle? directory = Descriptors.TryOpen(Place, OpenMode.Read | OpenMode.Directory, out _);
        return directory is null ? [] :
        [
            .. DirectoryListing.Of(directory, Place)
                .Where(name => name is not ("register" or "status"))
                .Select(name => Parse(name, HostReader.ReadText($"{Place}/{name}") ?? ""))
                .OfType<BinaryFormat>(),
        ];
    }

    /// <summary>Null: switched off, or in no form that is known.</summary>
    internal static BinaryFormat? Parse(string name, string text)
    {
        Dictionary<string, string> fields = [];
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int blank = line.IndexOf(' ');
            fields[(blank < 0 ? line : line[..blank]).TrimEnd(':')] = blank < 0 ? "" : line[(blank + 1)..];
        }

        if (!fields.ContainsKey("enabled") || !fields.TryGetValue("interpreter", out string? interpreter))
        {
            return null;
        }

        ImmutableArray<byte> magic = Bytes(fields.GetValueOrDefault("magic")), mask = Bytes(fields.GetValueOrDefault("mask"));
        return new BinaryFormat
        {
            Name = name,
            Interpreter = interpreter,
            IsOpened = fields.GetValueOrDefault("flags", "").Contains('F'),
            Offset = int.TryParse(fields.GetValueOrDefault("offset"), NumberStyles.None, CultureInfo.InvariantCulture, out int offset) ? offset : 0,
            Magic = magic,
            Mask = mask.Length == magic.Length ? mask : [],
            Extension = fields.TryGetValue("extension", out string? extension) ? extension.TrimStart('.') : null,
        };
    }

    private static ImmutableArray<byte> Bytes(string? hex)
    {
        try
        {
            return [.. Convert.FromHexString(hex ?? "")];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
