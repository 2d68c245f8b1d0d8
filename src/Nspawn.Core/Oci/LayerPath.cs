using System.Text;

namespace Nspawn.Core;

/// <summary>What an entry of a layer's archive is about, and what it does there.</summary>
/// <param name="Path">Below the layer's root, without <c>.</c> and slashes to spare; empty: the root itself.</param>
/// <param name="Kind">What it does.</param>
public readonly record struct LayerPath(byte[] Path, LayerPathKind Kind)
{
    private const int LongestPath = 4096;

    private static readonly byte[] s_whiteout = ".wh."u8.ToArray();

    /// <exception cref="TarException">It leads out of the layer, or is no name.</exception>
    public static LayerPath Of(ReadOnlySpan<byte> name)
    {
        byte[] path = Clean(name);
        int start = path.AsSpan().LastIndexOf((byte)'/') + 1;
        ReadOnlySpan<byte> last = path.AsSpan(start);
        if (!last.StartsWith(s_whiteout))
        {
            return new LayerPath(path, LayerPathKind.File);
        }

        ReadOnlySpan<byte> hidden = last[s_whiteout.Length..];
        if (hidden.SequenceEqual(".wh..opq"u8))
        {
            return new LayerPath(path[..Math.Max(0, start - 1)], LayerPathKind.Opaque);
        }

        // The names of aufs' own files; of what is hidden the name must be one.
        return hidden.StartsWith(s_whiteout) ? new LayerPath(path, LayerPathKind.Nothing)
            : hidden.IsEmpty || hidden.SequenceEqual("."u8) || hidden.SequenceEqual(".."u8) ? throw Refused(name, "hides what is no name")
            : new LayerPath([.. path.AsSpan(0, start), .. hidden], LayerPathKind.Whiteout);
    }

    /// <summary>A path as archives have it, in its shortest form.</summary>
    /// <exception cref="TarException">It leads out of the layer, or is no name.</exception>
    public static byte[] Clean(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > LongestPath || name.Contains((byte)0))
        {
            throw Refused(name[..Math.Min(name.Length, 100)], "is no name");
        }

        if (name[0] == '/')
        {
            throw Refused(name, "is an absolute name");
        }

        List<byte> path = [];
        foreach (Range range in name.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = name[range];
            if (part.SequenceEqual(".."u8))
            {
                throw Refused(name, "leads out of the layer");
            }

            if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                path.AddRange(path.Count > 0 ? "/"u8 : []);
                path.AddRange(part);
            }
        }

        return [.. path];
    }

    /// <summary>The path for people.</summary>
    public static string Shown(ReadOnlySpan<byte> path) => Message.Printable(Encoding.UTF8.GetString(path));

    private static TarException Refused(ReadOnlySpan<byte> name, string why) => new($"its entry {Shown(name)} {why}");
}

public enum LayerPathKind
{
    /// <summary>A file of the layer.</summary>
    File,

    /// <summary>What lower layers have of that name is not seen.</summary>
    Whiteout,

    /// <summary>What lower layers have in that directory is not seen.</summary>
    Opaque,

    /// <summary>Of no meaning here.</summary>
    Nothing,
}
