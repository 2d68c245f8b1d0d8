using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>--template: a tree that is not there is made from another.</summary>
public sealed class TemplateTests : IDisposable
{
    /// <summary>user::rw-, user:7:r--, group::r--, mask::r--, other::r--; linux/posix_acl_xattr.h.</summary>
    private static readonly byte[] s_accessList =
    [
        2, 0, 0, 0,
        1, 0, 6, 0, 255, 255, 255, 255,
        2, 0, 4, 0, 7, 0, 0, 0,
        4, 0, 4, 0, 255, 255, 255, 255,
        16, 0, 4, 0, 255, 255, 255, 255,
        32, 0, 4, 0, 255, 255, 255, 255,
    ];

    private readonly Scratch _scratch = new("busybox");

    [Fact]
    public void TheCopy_IsTheSame()
    {
        const string Script = """
            cd "$1"; mkdir -p srv/many srv/mounted; echo one >srv/one; ln srv/one srv/many/two; ln -s nowhere srv/link; mkfifo srv/fifo; mknod srv/null c 1 3
            truncate -s 40M srv/hole; echo end >>srv/hole; printf x >"srv/$(printf 'not-utf8-\\377')"; touch -d 2001-02-03 srv/one srv; chmod 4751 srv/many; chown -h 12:34 srv/link srv/many
            setcap cap_net_raw=ep srv/hole; mount -t tmpfs x srv/mounted; touch srv/mounted/file
            """;
        Need.Tool("setcap");
        Outcome made = Command.Run("sh", ["-ec", Script, "sh", _scratch.Tree]);
        Assert.True(made.ExitStatus == 0, made.ToString());
        Assert.Equal(0, Syscall.setxattr(_scratch.At("/srv/one"), "user.color", "blue"u8.ToArray()));
        Assert.Equal(0, Syscall.setxattr(_scratch.At("/srv/one"), "system.posix_acl_access", s_accessList));
        string copy = Path.Combine(_scratch.Outside, "copy");
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Launcher.Nspawn.RunBare(["-q", $"--template={_scratch.Tree}", "-D", copy, "--read-only", "-M", _scratch.Name, "true"], TimeSpan.FromSeconds(60));
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Empty(Directory.GetFileSystemEntries(copy + "/srv/mounted"));
        Assert.Equal(0, Command.Run("umount", [_scratch.At("/srv/mounted")]).ExitStatus);
        Assert.Equal(Listing(_scratch.Tree), Listing(copy));
        Assert.Equal(0, Command.Run("diff", ["-r", "--no-dereference", "-x", "fifo", "-x", "null", _scratch.Tree, copy]).ExitStatus);
        foreach ((string file, string name) in ((string, string)[])[("one", "user.color"), ("one", "system.posix_acl_access"), ("hole", "security.capability")])
        {
            Assert.Equal(Attribute(_scratch.At("/srv/" + file), name), Attribute($"{copy}/srv/{file}", name));
        }

        Assert.InRange(Blocks(copy + "/srv/hole"), 1, 64);
        leftovers.AssertNone();

        outcome = Launcher.Nspawn.RunBare(["--register=no", $"--template={_scratch.Tree}", "-D", copy, "-M", _scratch.Name, "true"]);
        Assert.Contains($"{copy} is there already: nothing is copied from the template", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ACopyThatIsInterrupted_LeavesNothing()
    {
        Command.Run("sh", ["-c", "mkdir -p \"$1/srv\"; for i in $(seq 3000); do echo $i >\"$1/srv/$i\"; done", "sh", _scratch.Tree]);
        string copy = Path.Combine(_scratch.Outside, "copy");
        foreach (Signum signal in (Signum[])[Signum.SIGKILL, Signum.SIGINT, Signum.SIGTERM, Signum.SIGKILL])
        {
            using Command launcher = Command.Start(
                Launcher.Nspawn.Program, ["-q", $"--template={_scratch.Tree}", "-D", copy, "-M", _scratch.Name, "sleep", "60"], Launcher.CallerEnvironment);
            while (Directory.GetFileSystemEntries(_scratch.Outside).Length == 0 && !launcher.HasEnded)
            {
                Thread.Sleep(1);
            }

            launcher.Signal(signal);
            launcher.Wait(TimeSpan.FromSeconds(20));
            for (int i = 0; i < 100 && Directory.GetFileSystemEntries(_scratch.Outside).Any(path => path != copy); i++)
            {
                Thread.Sleep(20);
            }

            // Complete or not there at all.
            Assert.DoesNotContain(Directory.GetFileSystemEntries(_scratch.Outside), path => path != copy);
            Assert.True(!Directory.Exists(copy) || File.Exists(copy + "/srv/3000"));
            Command.Run("rm", ["-rf", copy]);
        }
    }

    [Fact]
    public void WhatCannotBe_IsOneLine()
    {
        string copy = Path.Combine(_scratch.Outside, "copy"), small = Path.Combine(_scratch.Outside, "small");
        Directory.CreateDirectory(small);
        Assert.Equal(0, Command.Run("mount", ["-t", "tmpfs", "-o", "size=256k", "small", small]).ExitStatus);
        Outcome full = Launcher.Nspawn.RunBare(["-q", $"--template={_scratch.Tree}", "-D", small + "/copy", "true"]);
        string[] left = Directory.GetFileSystemEntries(small);
        Assert.Equal(0, Command.Run("umount", [small]).ExitStatus);
        Assert.Empty(left);
        OneLine.AssertSaid(full.Error, "No space left on device");
        OneLine.AssertSaid(Launcher.Nspawn.RunBare(["-q", $"--template={copy}", "-D", copy + "2", "true"]).Error, $"cannot use the template {copy}: No such file or directory");
        OneLine.AssertSaid(Launcher.Nspawn.RunBare(["-q", $"--template={_scratch.Tree}", "-D", copy + "/none/copy", "true"]).Error, "cannot make the tree");
        OneLine.AssertSaid(Launcher.Nspawn.RunBare(["-q", $"--template={_scratch.Tree}", "true"]).Error, "--template needs --directory= or --machine=");
    }

    public void Dispose() => _scratch.Dispose();

    private static string Listing(string top) => Command.Run(
        "sh", ["-c", "find . -path ./srv/mounted -prune -o -type d -printf '%p %y %m %U %G %T@ %l\\n' -o -printf '%p %y %m %U %G %s %n %T@ %l\\n' | sort", "sh"], workingDirectory: top).Text;

    private static byte[] Attribute(string path, string name)
    {
        long length = Syscall.getxattr(path, name, out byte[] value);
        Assert.True(length > 0, $"{path} has no {name}");
        return value;
    }

    private static long Blocks(string path)
    {
        Assert.Equal(0, Syscall.stat(path, out Stat status));
        return status.st_blocks;
    }
}
