using System.Globalization;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// A throw-away copy of a tree: an overlay whose changes are kept in memory. Its name is the machine's, and is found in the
/// mount table of every process of the container, so that leftovers can be told from what others do.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _top;

    /// <param name="fixture">The tree.</param>
    /// <param name="copied">Its files are copies, on a tmpfs: an overlay cannot be mounted with other owners.</param>
    public Scratch(string fixture, bool copied = false)
    {
        Need.Root();
        string lower = Fixture.PathOf(fixture);
        Name = "nsb-" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..10];
        FixtureName = fixture;
        _top = Path.Combine(Path.GetTempPath(), Name);
        Directory.CreateDirectory(_top);
        Mount("-t", "tmpfs", "-o", "mode=0755", Name, _top);
        foreach (string directory in (string[])["upper", "work", "tree", "outside"])
        {
            Directory.CreateDirectory(Path.Combine(_top, directory));
        }

        if (copied)
        {
            Assert.Equal(0, Command.Run("cp", ["-a", "--one-file-system", lower + "/.", Tree], TimeSpan.FromMinutes(5)).ExitStatus);
            Mount("--bind", Tree, Tree);
            return;
        }

        Mount("-t", "overlay", "-o", $"lowerdir={lower},upperdir={_top}/upper,workdir={_top}/work", Name, Tree);
    }

    public string Name { get; }

    public string FixtureName { get; }

    public string Tree => Path.Combine(_top, "tree");

    /// <summary>A folder of the host beside the tree, for what the tree must not reach.</summary>
    public string Outside => Path.Combine(_top, "outside");

    /// <summary>The host's path of a path in the tree.</summary>
    public string At(string path) => Tree + path;

    public Scratch Write(string path, string text, int mode = 0x1a4)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        Assert.Equal(0, Syscall.chmod(At(path), (FilePermissions)mode));
        return this;
    }

    public Scratch WriteProgram(string path, string text) => Write(path, text, 0x1ed);

    public Scratch Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        Remove(path);
        Assert.Equal(0, Syscall.symlink(target, At(path)));
        return this;
    }

    /// <summary>Removes whatever is there, following nothing.</summary>
    public Scratch Remove(string path)
    {
        Assert.Equal(0, Command.Run("rm", ["-rf", "--one-file-system", At(path)]).ExitStatus);
        return this;
    }

    public void Dispose()
    {
        Leftovers.KillProcesses(Name);
        Unmount(Tree);
        Unmount(_top);
        Directory.Delete(_top);
    }

    private static void Mount(params string[] arguments)
    {
        Outcome mounted = Command.Run("mount", arguments);
        Assert.True(mounted.ExitStatus == 0, $"mount {string.Join(' ', arguments)}: {mounted.Error}");
    }

    // The last process of a container may take a moment to let go.
    private static void Unmount(string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            Outcome unmounted = Command.Run("umount", [path]);
            if (unmounted.ExitStatus == 0)
            {
                return;
            }

            Assert.True(attempt < 40, $"umount {path}: {unmounted.Error}");
            Thread.Sleep(50);
        }
    }
}
