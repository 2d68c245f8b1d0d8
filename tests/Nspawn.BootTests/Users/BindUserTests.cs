using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>--bind-user=: a user of the host is one of the container, by records that its own name service reads.</summary>
public sealed class BindUserTests
{
    [Theory]
    [InlineData("-U")]
    [InlineData("--private-users=no")]
    public void User_IsKnownInsideWithHomeAndGroup(string users)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch("podman", copied: true), $"""
            getent passwd {OrdinaryUser.Name}
            getent group {OrdinaryUser.Name}
            id -Gn {OrdinaryUser.Name}
            stat -c '%n %U %a' /run/host/home/{OrdinaryUser.Name}/mine /run/host/userdb/{OrdinaryUser.Name}.user-privileged
            setpriv --reuid {OrdinaryUser.Name} --regid {OrdinaryUser.Name} --clear-groups touch /run/host/home/{OrdinaryUser.Name}/made && echo made
            getent shadow {OrdinaryUser.Name}
            """);
        using OrdinaryUser user = new(hasGroup: false);
        File.WriteAllText(Path.Combine(user.Home, "mine"), "");
        Assert.Equal(0, Syscall.chown(Path.Combine(user.Home, "mine"), OrdinaryUser.Uid, OrdinaryUser.Uid));
        Leftovers leftovers = Leftovers.Watch(scratch);

        Outcome outcome = user.RunAsRoot(
        [
            Launcher.Nspawn.Program, "-q", "-M", scratch.Name, "-D", scratch.Tree, users, $"--bind-user={OrdinaryUser.Name}", "--bind-user-shell=yes",
            "--bind-user-group=games", "-b",
        ], TimeSpan.FromSeconds(120));

        string[] report = BootReport.In(outcome);
        string all = $"{string.Join('\n', report)}\n{outcome}";
        Assert.True(report.Contains($"{OrdinaryUser.Name}:x:60514:60514:{OrdinaryUser.Name}:/run/host/home/{OrdinaryUser.Name}:/bin/sh")
            || report.Contains($"{OrdinaryUser.Name}:x:60514:60514::/run/host/home/{OrdinaryUser.Name}:/bin/sh"), all);
        Assert.True(report.Contains($"{OrdinaryUser.Name}:x:60514:"), all);
        Assert.True(report.Contains($"{OrdinaryUser.Name} games"), all);
        Assert.True(report.Contains($"/run/host/home/{OrdinaryUser.Name}/mine {OrdinaryUser.Name} 644"), all);
        Assert.True(report.Contains($"/run/host/userdb/{OrdinaryUser.Name}.user-privileged root 400"), all);
        Assert.True(report.Contains("made"), all);
        Assert.True(report.Any(line => line.StartsWith($"{OrdinaryUser.Name}:{OrdinaryUser.Password}:", StringComparison.Ordinal)), all);
        Assert.Equal((OrdinaryUser.Uid, OrdinaryUser.Uid), Owners.Of(Path.Combine(user.Home, "made")));
        leftovers.AssertNone();
    }

    /// <summary>Guests without nss-systemd: they boot as well, and what it would read is there.</summary>
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("forky")]
    public void Guest_BootsToRunningWithTheUsersRecordAndHome(string fixture)
    {
        using Scratch scratch = BootReport.InjectInto(new Scratch(fixture, copied: true), $"""
            {BootReport.SystemState}
            cat /run/host/userdb/60514.user | tr -d ' \n'; echo
            stat -c '%n %u:%g' /run/host/home/{OrdinaryUser.Name}/mine
            setpriv --reuid 60514 --regid 60514 --clear-groups touch /run/host/home/{OrdinaryUser.Name}/made && echo made
            """);
        using OrdinaryUser user = new(hasGroup: false);
        File.WriteAllText(Path.Combine(user.Home, "mine"), "");
        Assert.Equal(0, Syscall.chown(Path.Combine(user.Home, "mine"), OrdinaryUser.Uid, OrdinaryUser.Uid));

        Outcome outcome = user.RunAsRoot(
            [Launcher.Nspawn.Program, "-q", "-M", scratch.Name, "-D", scratch.Tree, "-U", $"--bind-user={OrdinaryUser.Name}", "-b"], TimeSpan.FromSeconds(120));

        string[] report = BootReport.In(outcome);
        string all = $"{string.Join('\n', report)}\n{outcome}";
        Assert.True(report.Contains("state=running"), all);
        Assert.True(report.Any(line => line.Contains($"\"userName\":\"{OrdinaryUser.Name}\"", StringComparison.Ordinal)), all);
        Assert.True(report.Contains($"/run/host/home/{OrdinaryUser.Name}/mine 60514:60514"), all);
        Assert.True(report.Contains("made"), all);
        Assert.Equal((OrdinaryUser.Uid, OrdinaryUser.Uid), Owners.Of(Path.Combine(user.Home, "made")));
    }

    [Fact]
    public void UserOfTheNameServiceOnly_IsKnownInside()
    {
        Need.That(File.Exists("/lib/x86_64-linux-gnu/libnss_systemd.so.2"), "the host has no libnss-systemd, which knows users that are in no file of passwd(5)");
        const string Name = "of-userdb";
        using Scratch scratch = new("busybox", copied: true);
        using OrdinaryUser user = new(hasGroup: false);
        string records = Path.Combine(user.Etc, "userdb");
        Directory.CreateDirectory(records);
        File.WriteAllText(Path.Combine(user.Etc, "nsswitch.conf"), "passwd: files systemd\ngroup: files systemd\nshadow: files systemd\n");
        File.WriteAllText(Path.Combine(records, Name + ".user"), $$"""{"userName":"{{Name}}","uid":60200,"gid":60200,"realName":"Of The Directory","homeDirectory":"{{user.Home}}","shell":"/bin/sh"}""");
        File.WriteAllText(Path.Combine(records, Name + ".group"), $$"""{"groupName":"{{Name}}","gid":60200}""");
        foreach (string kind in (string[])["user", "group"])
        {
            Assert.Equal(0, Syscall.symlink($"{Name}.{kind}", Path.Combine(records, $"60200.{kind}")));
        }

        Outcome outcome = user.RunAsRoot(
            [Launcher.Nspawn.Program, "-q", "-D", scratch.Tree, "-U", $"--bind-user={Name}", "-P", "sh", "-c", $"cat /run/host/userdb/{Name}.user; ls -d /run/host/home/{Name}"]);

        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("Of The Directory", outcome.Text, StringComparison.Ordinal);
        Assert.Contains($"/run/host/home/{Name}", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root", "root and nobody")]
    [InlineData("nosuchuser", "no such user")]
    [InlineData("sync", "main group has another name")]
    public void WhoCannotBe_IsOneLine(string name, string about)
    {
        using Scratch scratch = new("busybox");
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-U", $"--bind-user={name}", "true"]);

        Assert.Equal(125, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, about);
    }
}
