using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>A tar archive, as docker and podman save images. It is read where it lies: only what is asked for.</summary>
internal sealed class OciArchiveStore : OciStore
{
    private const int MostEntries = 100_000;

    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, (long Start, long Size)> _files = [];
    private readonly Dictionary<string, string> _links = [];

    private OciArchiveStore(SafeFileHandle file) => _file = file;

    public static OciArchiveStore OfFile(string path)
    {
        SafeFileHandle file = Descriptors.Open(path, OpenMode.Read | OpenMode.NonBlocking);
        OciArchiveStore store = new(file);
        try
        {
            store.List(path);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public override Stream? Open(string name)
    {
        // The older form has each layer once, and links for the images that share it.
        for (int links = 0; links < 8 && _links.TryGetValue(name, out string? target); links++)
        {
            name = target;
        }

        return _files.TryGetValue(name, out (long Start, long Size) place) ? new FileSlice(_file, place.Start, place.Size) : null;
    }

    public override void Dispose() => _file.Dispose();

    private void List(string path)
    {
        using FileSlice whole = new(_file, 0, FileStatus.Of(_file, path).Size);
        TarReader archive = new(whole);
        while (archive.Next() is TarEntry entry)
        {
            if (_files.Count + _links.Count == MostEntries)
            {
                throw new OciException($"there are more than {MostEntries} files in the archive");
            }

            if (entry.Type == TarEntryType.File)
            {
                _files[NameOf(entry.Name)] = (archive.Position, entry.Size);
            }
            else if (entry.Type is TarEntryType.Symlink or TarEntryType.HardLink)
            {
                string name = NameOf(entry.Name);
                _links[name] = entry.Type == TarEntryType.HardLink ? NameOf(entry.Target) : Resolve(name, Encoding.UTF8.GetString(entry.Target));
            }
        }
    }

    private static string NameOf(ReadOnlySpan<byte> name) => Encoding.UTF8.GetString(LayerPath.Clean(name));

    /// <summary>Where a link leads among the names of the archive; out of it, nowhere.</summary>
    private static string Resolve(string link, string target)
    {
        List<string> parts = [.. link.Split('/')[..^1]];
        foreach (string part in target.Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
