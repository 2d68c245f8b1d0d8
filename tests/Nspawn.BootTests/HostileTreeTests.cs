using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// Trees made to lead the launcher astray. Whether such a tree starts is its own affair; that nothing outside it is read,
/// written or mounted on, that nobody waits for ever and that nothing stays behind, is not.
/// </summary>
public sealed class HostileTreeTests : IDisposable
{
    private const string Secret = "a secret of the host";

    private readonly Scratch _scratch = new("busybox");

    public HostileTreeTests()
    {
        File.WriteAllText(Path.Combine(_scratch.Outside, "secret"), Secret);
        Directory.CreateDirectory(Path.Combine(_scratch.Outside, "empty"));
    }

    public static TheoryData<string> Paths =>
        ["/dev", "/proc", "/sys", "/run", "/tmp", "/etc", "/etc/resolv.conf", "/etc/localtime", "/etc/machine-id", "/var", "/root"];

    [Theory]
    [MemberData(nameof(Paths))]
    public void AbsoluteLinkToFolderOutside(string path) => Survives(path, tree => tree.Link(path, _scratch.Outside));

    [Theory]
    [MemberData(nameof(Paths))]
    public void AbsoluteLinkToFileOutside(string path) => Survives(path, tree => tree.Link(path, _scratch.Outside + "/secret"));

    [Theory]
    [MemberData(nameof(Paths))]
    public void RelativeLinkOutOfTheTree(string path) => Survives(path, tree => tree.Link(path, "../../outside/secret"));

    [Theory]
    [MemberData(nameof(Paths))]
    public void LinkToANewNameOutside(string path) => Survives(path, tree => tree.Link(path, _scratch.Outside + "/new"));

    [Theory]
    [MemberData(nameof(Paths))]
    public void LinkToItself(string path) => Survives(path, tree => tree.Link(path, path));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Fifo(string path) => Survives(path, tree => Node(tree, path, FilePermissions.S_IFIFO, 0));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Device(string path) => Survives(path, tree => Node(tree, path, FilePermissions.S_IFCHR, 5 << 8));

    [Theory]
    [MemberData(nameof(Paths))]
    public void FileWhereAFolderIsExpected(string path) => Survives(path, tree => tree.Remove(path).Write(path, "not a folder\n"));

    [Theory]
    [InlineData("/var/target")]
    [InlineData("/new/sub/target")]
    public void BindTarget_LinkOutside(string target)
    {
        foreach (string where in (string[])[_scratch.Outside, _scratch.Outside + "/secret", "../../../outside", "../../../outside/new"])
        {
            _scratch.Link(target, where);
            Survives(target, _ => { }, $"--bind={_scratch.Outside}/empty:{target}");
            Survives(target, _ => { }, $"--bind-ro={_scratch.Outside}/secret:{target}", "--tmpfs=/new/tmp");
        }
    }

    [Theory]
    [InlineData("/link/below/target")]
    [InlineData("/link/target")]
    public void BindTarget_ParentIsLinkOutside(string target)
    {
        foreach (string where in (string[])[_scratch.Outside, "../outside", "../../../../../../../../.."])
        {
            _scratch.Link("/link", where);
            Survives(target, _ => { }, $"--bind={_scratch.Outside}/empty:{target}", $"--tmpfs={target}2");
        }
    }

    [Fact]
    public void InitIsALinkOutside()
    {
        foreach (string where in (string[])["/proc/self/exe", _scratch.Outside + "/secret", "../../../../../../bin/sh"])
        {
            _scratch.Link("/sbin/init", where);
            Survives("/sbin/init", _ => { }, "-b");
        }
    }

    public void Dispose() => _scratch.Dispose();

    private static void Node(Scratch tree, string path, FilePermissions type, ulong device)
    {
        tree.Remove(path);
        Assert.Equal(0, Syscall.mknod(tree.At(path), type | FilePermissions.S_IRUSR | FilePermissions.S_IWUSR, device));
    }

    private void Survives(string path, Action<Scratch> change, params string[] options)
    {
        change(_scratch);
        Leftovers leftovers = Leftovers.Watch(_scratch);
        string before = State();

        // The payload tells what the path leads to for it; by then that is inside.
        string[] payload = options.Contains("-b") ? [] : ["sh", "-c", $"[ -p {path} ] || [ -c {path} ] || cat {path} {path}/secret 2>/dev/null; exit 42"];
        Outcome outcome = Launcher.Nspawn.Run(_scratch, [.. options, .. payload], TimeSpan.FromSeconds(options.Contains("-b") ? 5 : 15));

        Assert.Equal(before, State());
        bool boundOnPurpose = options.Any(option => option.Contains("/secret:", StringComparison.Ordinal));
        Assert.True(boundOnPurpose || !outcome.Text.Contains(Secret, StringComparison.Ordinal), outcome.ToString());
        if (!options.Contains("-b"))
        {
            Assert.False(outcome.TimedOut, outcome.ToString());
            Assert.True(outcome.ExitStatus == 42 || outcome.ExitStatus == Launcher.Nspawn.ErrorStatus, outcome.ToString());
        }

        leftovers.AssertNone();
    }

    // Names, kinds, owners, times and contents of all that is outside.
    private string State() => Command.Run(
        "sh", ["-c", "find . -printf '%p %y %m %U %G %T@ %C@\\n' | sort; cat secret; cat /etc/machine-id /etc/resolv.conf /etc/localtime 2>/dev/null | sha256sum", "sh"],
        workingDirectory: _scratch.Outside).Text;
}
