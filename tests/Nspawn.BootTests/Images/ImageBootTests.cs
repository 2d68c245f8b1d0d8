using Xunit;

namespace Nspawn.BootTests;

/// <summary>Images with a Debian boot, and with busybox boot again.</summary>
public sealed class ImageBootTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData("trixie", "--tmpfs=/mnt")]
    [InlineData("trixie-squashfs", "--tmpfs=/var")] // some of its services have to write there
    public void DebianBootsFromAnImage(string kind, string scratch)
    {
        using ScratchImage image = new(kind);
        Leftovers leftovers = Leftovers.Watch(image);
        const string Report = "[Unit]\\nDescription=Reports\\n[Service]\\nExecStart=sh -c 'echo state=$(systemctl is-system-running --wait) >/dev/console; "
            + "systemctl list-units --failed --plain --no-legend >/dev/console; cat /home/file >/dev/console; systemctl poweroff'\\n";
        using Command command = image.Start(
            "--set-credential=systemd.extra-unit.report.service:" + Report,
            "--set-credential=systemd.unit-dropin.multi-user.target:[Unit]\\nWants=report.service\\n",
            scratch, "-b", "systemd.mask=console-getty.service");
        Outcome outcome = command.Wait(s_patience);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text.Contains("state=running\n", StringComparison.Ordinal), outcome.ToString());
        Assert.Equal(kind == "trixie", outcome.Text.Contains("from the home partition", StringComparison.Ordinal));
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("ext4")]
    [InlineData("gpt")]
    public void ARebootInsideKeepsTheImage(string kind)
    {
        using ScratchImage image = new(kind);
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome prepared = image.Run("sh", "-c", """
            printf '#!/bin/sh\nif [ -e /root/once ]; then echo again; cat /home/file; poweroff; else touch /root/once; echo first; reboot; fi\n' >/etc/init.d/local
            chmod +x /etc/init.d/local; [ -e /home/file ] || echo from the root >/home/file
            """);
        Assert.True(prepared.ExitStatus == 0, prepared.ToString());

        Outcome outcome = image.Run("-b");
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Matches($"first\n(.*\n)*again\n{(kind == "gpt" ? "from the home partition" : "from the root")}\n", outcome.Text);
        leftovers.AssertNone();
    }
}
