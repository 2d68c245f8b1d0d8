using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.UnitTests;

/// <summary>A directory to try things in, gone afterwards: <c>tree</c> is the tree, beside it lies what it must not reach.</summary>
internal sealed class TemporaryTree : IDisposable
{
    public const string Outside = "outside";

    private readonly string _top = Directory.CreateTempSubdirectory("nspawn-test-").FullName;

    public TemporaryTree()
    {
        _ = Directory.CreateDirectory(Path);
        File.WriteAllText($"{_top}/secret", Outside);
        Root = new RootDirectory(Descriptors.Open(Path, OpenMode.Path | OpenMode.Directory));
        Top = Descriptors.Open(Path, OpenMode.Read | OpenMode.Directory);
    }

    public string Path => $"{_top}/tree";

    public RootDirectory Root { get; }

    /// <summary>The tree's directory, to make something in it.</summary>
    public SafeFileHandle Top { get; }

    public TemporaryTree With(string path, string content)
    {
        _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName($"{Path}/{path}")!);
        File.WriteAllText($"{Path}/{path}", content);
        return this;
    }

    public TemporaryTree WithDirectory(string path)
    {
        _ = Directory.CreateDirectory($"{Path}/{path}");
        return this;
    }

    public TemporaryTree WithLink(string path, string target)
    {
        _ = File.CreateSymbolicLink($"{Path}/{path}", target);
        return this;
    }

    /// <summary>What the tree's root gives for a path; null: no regular file.</summary>
    public string? Read(string path) => Root.ReadFile(path, 4096) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    public void Dispose()
    {
        Top.Dispose();
        Root.Dispose();
        Directory.Delete(_top, recursive: true);
    }
}
