using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Where the documents and layers of an image are: a directory in OCI's image layout, or an archive of one file.</summary>
internal abstract class OciStore : IDisposable
{
    /// <summary>Opens the store at a path of the host.</summary>
    public static OciStore Open(TreeSource source) =>
        source.Kind == TreeKind.OciLayout ? new OciLayoutStore(TreeReader.Open(source.Path)) : OciArchiveStore.OfFile(source.Path);

    /// <summary>What is stored under a name, from its beginning; null: nothing.</summary>
    public abstract Stream? Open(string name);

    /// <summary>What is stored under a name; null: nothing.</summary>
    /// <exception cref="OciException">It is larger than the limit.</exception>
    public byte[]? Read(string name, int limit)
    {
        using Stream? stream = Open(name);
        if (stream is null)
        {
            return null;
        }

        if (stream.Length > limit)
        {
            throw new OciException($"its {Message.Printable(name)} is larger than {limit >> 20} MiB");
        }

        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    public abstract void Dispose();
}

/// <summary>A directory; every name is resolved inside it.</summary>
internal sealed class OciLayoutStore(SafeFileHandle directory) : OciStore
{
    private readonly RootDirectory _root = new(directory);

    public override Stream? Open(string name)
    {
        SafeFileHandle? file = _root.TryOpenRegular("/" + name);
        return file is null ? null : new FileStream(file, FileAccess.Read, bufferSize: 0);
    }

    public override void Dispose() => _root.Dispose();
}
