using Xunit;

namespace Nspawn.BootTests;

/// <summary>The installed units on a booted systemd: a machine is a service.</summary>
public sealed class ServiceTests
{
    [Fact]
    public void Machine_StartsAndStopsAsAService()
    {
        using Scratch scratch = new("trixie");
        using Scratch inner = new("trixie");
        Need.Tool("go-md2man");
        Outcome installed = Command.Run(
            Repository.File("scripts/install"), ["--prefix=/usr", "--destdir=" + scratch.Tree, "--machinectl"], TimeSpan.FromMinutes(5));
        Assert.True(installed.ExitStatus == 0, installed.ToString());
        // Stands for the one that comes with systemd, which the drop-in turns to nspawn.
        scratch.Write("/usr/lib/systemd/system/systemd-nspawn@.service", "[Service]\nType=notify\nExecStart=/bin/false\nKillMode=mixed\nDelegate=yes\n");
        scratch.Write("/etc/systemd/nspawn/inner.nspawn", "[Exec]\nBoot=yes\n[Files]\nBind=/etc/fstab:/srv/asked\n");
        BootReport.InjectInto(scratch, """
            for unit in nspawn@inner systemd-nspawn@inner; do
                systemctl start $unit && systemctl is-active $unit
                systemctl show -p StatusText $unit
                systemctl stop $unit
                systemctl show -p ActiveState -p Result $unit
                rm /var/lib/machines/inner/srv/asked && echo settings file
            done
            """);

        // A launcher in a container installs a device policy of its own.
        Outcome outcome = Launcher.Nspawn.Run(scratch, ["-b", "--capability=all", "--system-call-filter=bpf", $"--bind={inner.Tree}:/var/lib/machines/inner"], TimeSpan.FromMinutes(2));
        string[] once = ["active", "StatusText=Container started.", "Result=success", "ActiveState=inactive", "settings file"];
        Assert.True(BootReport.In(outcome).SequenceEqual([.. once, .. once]), outcome.ToString());
    }
}
