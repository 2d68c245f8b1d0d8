using System.Globalization;
using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// A user of the host without any privileges, known to a mount namespace of the test's only, with a range of sub-ids, a
/// runtime directory and, as a user's systemd would give one, a cgroup to divide.
/// </summary>
internal sealed class OrdinaryUser : IDisposable
{
    public const uint Uid = 60123;

    /// <summary>The first of the sub-ids, from which on nspawn --private-users= can give a tree away too.</summary>
    public const uint SubIds = 0x60000;

    public const string Name = "nspawn-test";

    /// <summary>The hash of the user's password.</summary>
    public const string Password = "$5$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1";
    /// <summary>Script of a shell: the tree $1 becomes that of the user $2, and of the sub-ids from $3 on.</summary>
    public const string GiveTree = """
        find "$1" -printf '%U:%G\n' | sort -u | while IFS=: read -r u g; do
            nu=$2; [ "$u" = 0 ] || nu=$(($3 + u - 1))
            ng=$2; [ "$g" = 0 ] || ng=$(($3 + g - 1))
            find "$1" -uid "$u" -gid "$g" -print0 | xargs -0 chown -h "$nu:$ng"
        done
        """;

    private const string Become = """
        mount --make-rslave /
        mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" etc /etc || exit 99
        [ -z "$2" ] || echo $$ >"$2/cgroup.procs" || exit 99
        export HOME="$1/home" XDG_RUNTIME_DIR="$1/run"
        cd "$HOME"
        root=$3; shift 3
        [ -z "$root" ] || exec "$@"
        exec setpriv --reuid 60123 --regid 60123 --clear-groups "$@"
        """;

    private readonly string _top;
    private readonly string _group = "";

    /// <param name="subIds">The line of /etc/subuid and /etc/subgid.</param>
    /// <param name="hasGroup">A cgroup is delegated.</param>
    public OrdinaryUser(string? subIds = null, bool hasGroup = true)
    {
        Need.Root();
        string id = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture)[..10];
        _top = Path.Combine(Path.GetTempPath(), "nsu-" + id);
        Directory.CreateDirectory(_top);
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", "-o", "mode=0755", "nsu", _top]).ExitStatus);
        foreach (string name in (string[])["etc", "work", "home", "run"])
        {
            Directory.CreateDirectory(Path.Combine(_top, name));
        }

        Give(Path.Combine(_top, "home"), 0x1ed);
        Give(Path.Combine(_top, "run"), 0x1c0);
        File.WriteAllText(Path.Combine(_top, "etc/passwd"), File.ReadAllText("/etc/passwd") + $"{Name}:x:{Uid}:{Uid}::{_top}/home:/bin/sh\n");
        File.WriteAllText(Path.Combine(_top, "etc/shadow"), File.ReadAllText("/etc/shadow") + $"{Name}:{Password}:20000:0:99999:7:::\n");
        File.WriteAllText(Path.Combine(_top, "etc/group"), File.ReadAllText("/etc/group") + $"{Name}:x:{Uid}:\n");
        foreach (string name in (string[])["subuid", "subgid"])
        {
            File.WriteAllText(Path.Combine(_top, "etc", name), subIds ?? $"{Name}:{SubIds}:65536\n");
        }

        if (hasGroup)
        {
            string mount = Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup";
            _group = Path.Combine(mount, "nsu-" + id);
            Directory.CreateDirectory(_group);
            foreach (string file in (string[])["", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"])
            {
                Assert.Equal(0, Syscall.chown(Path.Combine(_group, file), Uid, Uid));
            }
        }
    }

    public string Runtime => Path.Combine(_top, "run");

    /// <summary>What of the host's /etc is different for the user's programs.</summary>
    public string Etc => Path.Combine(_top, "etc");

    public string Home => Path.Combine(_top, "home");

    /// <summary>Writes a file of the user's, below the home.</summary>
    public void WriteFile(string name, string text)
    {
        string path = Path.Combine(Home, name);
        File.WriteAllText(path, text);
        Give(path, 0x1a4 /* 0644 */);
    }

    public Outcome Run(IEnumerable<string> arguments, TimeSpan? timeout = null)
    {
        using Command command = Start(arguments);
        return command.Wait(timeout ?? TimeSpan.FromSeconds(60));
    }

    /// <summary>Starts a program as the user, in the user's cgroup.</summary>
    public Command Start(IEnumerable<string> arguments) => Start(arguments, "");

    /// <summary>Runs a program as root, on a host that knows the user.</summary>
    public Outcome RunAsRoot(IEnumerable<string> arguments, TimeSpan? timeout = null)
    {
        using Command command = Start(arguments, "root");
        return command.Wait(timeout ?? TimeSpan.FromSeconds(60));
    }

    private Command Start(IEnumerable<string> arguments, string root) => Command.Start(
        "unshare", ["--mount", "--propagation", "unchanged", "sh", "-c", Become, "sh", _top, root.Length > 0 ? "" : _group, root, .. arguments], Launcher.CallerEnvironment);

    /// <summary>The tree's root becomes the user, and its other owners the user's sub-ids.</summary>
    public static void Own(Scratch scratch)
    {
        Outcome outcome = Command.Run("sh", ["-c", GiveTree, "sh", scratch.Tree, $"{Uid}", $"{SubIds}"], TimeSpan.FromMinutes(2));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
    }

    /// <summary>Nothing of a run is left in the user's runtime directory and cgroup.</summary>
    public void AssertNothingLeft()
    {
        string runs = Path.Combine(Runtime, "systemd/nspawn");
        Assert.Empty(Directory.Exists(runs) ? Directory.GetFileSystemEntries(runs).Where(path => Path.GetFileName(path) != "locks") : []);
        Assert.Empty(_group.Length > 0 ? Directory.GetDirectories(_group) : []);
        Assert.True(_group.Length == 0 || File.ReadAllText(_group + "/cgroup.procs").Length == 0);
    }

    public void Dispose()
    {
        if (_group.Length > 0)
        {
            File.WriteAllText(_group + "/cgroup.kill", "1");
            Assert.True(SpinWait.SpinUntil(() => Syscall.rmdir(_group) == 0 || !Directory.Exists(_group), 5000));
        }

        Assert.True(SpinWait.SpinUntil(() => Command.Run("umount", [_top]).ExitStatus == 0, 5000));
        Directory.Delete(_top);
    }

    private static void Give(string path, int mode)
    {
        Assert.Equal(0, Syscall.chown(path, Uid, Uid));
        Assert.Equal(0, Syscall.chmod(path, (FilePermissions)mode));
    }
}
