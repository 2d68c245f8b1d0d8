using Xunit;

namespace Nspawn.BootTests;

/// <summary>OCI runtime bundles: what config.json asks for is what the payload finds.</summary>
public sealed class BundleTests : IDisposable
{
    private const string Namespaces = """[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},{"type":"network"}]""";

    private readonly Scratch _scratch = new("busybox");

    [Fact]
    public void Bundle_IsRunAsItSays()
    {
        Directory.CreateDirectory(_scratch.Outside + "/data");
        File.WriteAllText(_scratch.Outside + "/data/file", "of the host");
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Run($$"""
            "process":{"terminal":false,"args":["sh","-c","echo $A $(id -u):$(id -g) $(id -G) $PWD; hostname; cat /data/file; touch /data/x 2>&1; touch /x 2>&1; grep -E 'NoNewPrivs|CapBnd' /proc/self/status; ulimit -n; cat /proc/self/oom_score_adj; ls /sys/class/net; ls /etc/init.d 2>&1; touch /etc/x 2>&1; stat -c %a /scratch; grep ' /scratch ' /proc/mounts | grep -c nosuid"],
              "env":["A=b","PATH=/bin"],"cwd":"/srv/","noNewPrivileges":true,"oomScoreAdj":500,"user":{"uid":7,"gid":8,"additionalGids":[9]},
              "rlimits":[{"type":"RLIMIT_NOFILE","soft":77,"hard":88}],"capabilities":{"bounding":["CAP_KILL"]} },
            "root":{"path":"../tree","readonly":true},"hostname":"box","mounts":[{"destination":"/proc","type":"proc","source":"proc"},
              {"destination":"/data","type":"bind","source":"data","options":["rbind","ro"]},{"destination":"/scratch","type":"tmpfs","options":["nosuid","mode=1777"]}],
            "linux":{"namespaces":{{Namespaces}},"maskedPaths":["/etc/init.d","/proc/no-such","/no/such"],"readonlyPaths":["/etc"]}
            """);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Equal("b 7:8 8 9 /srv\nbox\nof the hosttouch: /data/x: Read-only file system\ntouch: /x: Read-only file system\nCapBnd:\t0000000000000020\nNoNewPrivs:\t1\n77\n500\nlo\n"
            + "ls: can't open '/etc/init.d': Permission denied\ntouch: /etc/x: Read-only file system\n1777\n1\n", outcome.Text);
        leftovers.AssertNone();
    }

    [Fact]
    public void Filter_IsHonoured()
    {
        string Process(string filter) => $$"""
            "process":{"args":["sh","-c","mkdir /tmp/d && echo made; sync && echo synced"],"env":["PATH=/bin"],"cwd":"/"},"root":{"path":"../tree"},
            "linux":{"namespaces":{{Namespaces}},"seccomp":{{filter}} }
            """;
        Outcome denied = Run(Process("""{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"""));
        Assert.DoesNotContain("made", denied.Text);
        Assert.Contains("synced", denied.Text);
    }

    [Fact]
    public void CommandLine_HasItsWayAndSettingsFilesAreNotRead()
    {
        File.WriteAllText(Path.GetDirectoryName(_scratch.Tree) + "/tree.nspawn", "[Exec]\nEnvironment=FILE=yes\n");
        Outcome outcome = Run($$"""
            "process":{"args":["false"],"env":["A=b","PATH=/bin"],"cwd":"/srv"},"root":{"path":"../tree"},"linux":{"namespaces":{{Namespaces}} }
            """, "-E", "A=c", "--chdir=/tmp", "sh", "-c", "echo $A $FILE $PWD");

        Assert.Equal("c /tmp\n", outcome.Text);
    }

    [Fact]
    public void WhatHasNoEffect_IsSaid()
    {
        Outcome outcome = Run($$"""
            "process":{"args":["echo","run"],"env":["PATH=/bin"],"cwd":"/"},"root":{"path":"../tree"},"hooks":{"prestart":[{"path":"/bin/false"}]},"linux":{"namespaces":{{Namespaces}} }
            """);

        Assert.Equal("run\n", outcome.Text);
        OneLine.AssertSaid(outcome.Error, "hooks are not run");
    }

    [Theory]
    [InlineData("\"process\":", "is no such document")]
    [InlineData("\"process\":{\"args\":[\"x\"]},\"root\":{\"path\":\"../tree\"},\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}", "it wants a user name space")]
    [InlineData("\"process\":{\"args\":[\"x\"]},\"root\":{\"path\":\"no-such\"},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"},{\"type\":\"ipc\"},{\"type\":\"uts\"}]}", "no tree at")]
    public void Refusal_IsOneLine(string document, string about)
    {
        Leftovers leftovers = Leftovers.Watch(_scratch);
        Outcome outcome = Run(document);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
        leftovers.AssertNone();
    }

    [Fact]
    public void NoBundle_IsOneLine()
    {
        foreach (string path in (string[])["/no/such", "/etc/passwd", _scratch.Outside])
        {
            Outcome outcome = Launcher.Nspawn.RunBare(["--oci-bundle=" + path]);
            Assert.Equal(125, outcome.ExitStatus);
            OneLine.AssertSaid(outcome.Error, "cannot use the bundle " + path);
        }
    }

    public void Dispose() => _scratch.Dispose();

    private Outcome Run(string document, params string[] arguments)
    {
        Directory.CreateDirectory(_scratch.At("/srv"));
        foreach (string place in (string[])["/data", "/scratch"])
        {
            Directory.CreateDirectory(_scratch.At(place));
        }

        File.WriteAllText(_scratch.Outside + "/config.json", $$"""{"ociVersion":"1.0.2",{{document}} }""");
        using Command command = Command.Start(
            Launcher.Nspawn.Program, ["-q", "-M", _scratch.Name, "--oci-bundle=" + _scratch.Outside, .. arguments], Launcher.CallerEnvironment);
        return command.Wait(TimeSpan.FromSeconds(30));
    }
}
