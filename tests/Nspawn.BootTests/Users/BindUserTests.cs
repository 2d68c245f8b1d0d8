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
