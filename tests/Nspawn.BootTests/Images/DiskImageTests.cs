using Xunit;

namespace Nspawn.BootTests;

/// <summary>Disk images of every kind: what is mounted where, what is kept, and nothing left behind.</summary>
public sealed class DiskImageTests
{
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("mbr")]
    [InlineData("gpt")]
    [InlineData("gpt-4k")]
    [InlineData("usr")]
    public void WhatIsWrittenIsThereTheNextTime(string kind)
    {
        using ScratchImage image = new(kind);
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome first = image.Run("sh", "-c", "echo kept >/root/mark && hostname");
        Assert.True(first.ExitStatus == 0 && first.Text == image.Name + "\n", first.ToString());
        Outcome second = image.Run("cat", "/root/mark");
        Assert.True(second.ExitStatus == 0 && second.Text == "kept\n", second.ToString());

        Outcome reading = image.Run("--read-only", "sh", "-c", "cat /root/mark; touch /root/other");
        Assert.True(reading.ExitStatus != 0 && reading.Text.StartsWith("kept\n", StringComparison.Ordinal), reading.ToString());
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("squashfs", "squashfs", "/dev/loop")]
    [InlineData("erofs", "erofs", "/")] // of a file or of a device, as the kernel can
    public void AnImageMadeToBeReadIsRead(string kind, string type, string source)
    {
        using ScratchImage image = new(kind);
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome outcome = image.Run("sh", "-c", "grep ' / / ' /proc/self/mountinfo; touch /x 2>/dev/null || echo refused");
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains($" - {type} {source}", outcome.Text, StringComparison.Ordinal);
        Assert.EndsWith("refused\n", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Fact]
    public void PartitionsAreMountedWhereTheyBelong()
    {
        using ScratchImage image = new("gpt");
        Outcome outcome = image.Run("sh", "-c", "cat /home/file; sed -n 's,^.* / \\(/home\\|/efi\\) \\([^ ]*\\) .* - \\([^ ]*\\) .*,\\1 \\2 \\3,p' /proc/self/mountinfo");
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.StartsWith("from the home partition\n/home rw,nodev,relatime ext4\n", outcome.Text, StringComparison.Ordinal);
        if (File.ReadAllText("/proc/filesystems").Contains("\tvfat\n", StringComparison.Ordinal))
        {
            Assert.Contains("/efi rw,nosuid,nodev,noexec,relatime,nosymfollow vfat\n", outcome.Text, StringComparison.Ordinal);
        }
        else
        {
            Outcome loud = Launcher.Nspawn.RunBare(["-M", image.Name, "-i", image.File, "true"]);
            Assert.Contains("the kernel has no vfat; the container goes without it", loud.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ARootAndAUsrThatIsReadOnlyMakeOneTree()
    {
        using ScratchImage image = new("usr");
        Outcome outcome = image.Run("sh", "-c", "touch /etc/new && ! touch /usr/new 2>/dev/null && sed -n 's,^.* / \\(/\\|/usr\\) .* - \\([^ ]*\\) .*,\\1 \\2,p' /proc/self/mountinfo");
        Assert.True(outcome.ExitStatus == 0 && outcome.Text == "/ ext4\n/usr squashfs\n", outcome.ToString());
    }

    [Fact]
    public void AUsrAloneGetsARootInMemory()
    {
        using ScratchImage image = new("usr-only");
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome outcome = image.Run("/usr/bin/busybox", "sh", "-c", "echo >/etc/new; grep ' / / ' /proc/self/mountinfo");
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains(" - tmpfs ", outcome.Text, StringComparison.Ordinal);
        leftovers.AssertNone();
    }

    [Theory]
    [InlineData("ext4", "from the device")]
    [InlineData("gpt", "from the home partition")]
    public void ABlockDeviceIsAnImageToo(string kind, string content)
    {
        using ScratchImage image = new(kind);
        Assert.Equal(0, image.Run("sh", "-c", "[ -e /home/file ] || echo from the device >/home/file").ExitStatus);
        foreach (string mode in (string[])["", "--read-only"])
        {
            Outcome attached = Command.Run("losetup", ["--find", "--show", .. mode.Length > 0 ? (string[])[mode] : [], image.File]);
            string device = attached.Text.TrimEnd('\n');
            Assert.True(attached.ExitStatus == 0, attached.ToString());
            try
            {
                Outcome outcome = Launcher.Nspawn.RunBare(["-q", "-M", image.Name, "-i", device, "sh", "-c", "cat /home/file; touch /new 2>/dev/null && echo written"]);
                Assert.Equal(content + (mode.Length > 0 ? "\n" : "\nwritten\n"), outcome.Text);
            }
            finally
            {
                Assert.Equal(0, Command.Run("losetup", ["-d", device]).ExitStatus);
            }
        }
    }

    [Fact]
    public void ItIsFoundByTheMachinesNameAndByItsVersion()
    {
        using ScratchImage image = new("squashfs");
        string link = $"/run/machines/{image.Name}.raw";
        bool made = !Directory.Exists("/run/machines");
        Directory.CreateDirectory("/run/machines");
        try
        {
            File.CreateSymbolicLink(link, image.File);
            Outcome named = Launcher.Nspawn.RunBare(["-q", "-M", image.Name, "hostname"]);
            Assert.True(named.ExitStatus == 0 && named.Text == image.Name + "\n", named.ToString());
        }
        finally
        {
            File.Delete(link);
            if (made)
            {
                Directory.Delete("/run/machines");
            }
        }

        string versions = Directory.CreateDirectory(image.Folder + "/os.raw.v").FullName;
        File.WriteAllText(versions + "/os_1.9.raw", "no image");
        File.CreateSymbolicLink(versions + "/os_1.10.raw", image.File);
        Outcome newest = Launcher.Nspawn.RunBare(["-q", "-i", versions, "hostname"]);
        Assert.True(newest.ExitStatus == 0 && newest.Text == image.Name + "\n", newest.ToString());
    }

    [Fact]
    public void ManyReadOneImage()
    {
        using ScratchImage image = new("squashfs");
        Leftovers leftovers = Leftovers.Watch(image);
        Command[] readers = [.. Enumerable.Range(0, 20).Select(i => Command.Start(
            Launcher.Nspawn.Program, ["-q", "-M", $"{image.Name}-{i}", "-i", image.File, "hostname"], Launcher.CallerEnvironment))];
        Outcome[] outcomes = [.. readers.Select(reader => reader.Wait(TimeSpan.FromSeconds(60)))];
        Assert.All(outcomes, (outcome, i) => Assert.True(outcome.ExitStatus == 0 && outcome.Text == $"{image.Name}-{i}\n", outcome.ToString()));
        Array.ForEach(readers, reader => reader.Dispose());
        leftovers.AssertNone();
    }

    [Fact]
    public void ExplainTellsWhichPartIsWhichMountAndWritesNothing()
    {
        using ScratchImage image = new("gpt");
        byte[] before = System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(image.File));
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome outcome = Launcher.Nspawn.RunBare(["explain", "-i", image.File, "true"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("/: ext4 (NoDev) discard; 24576 KiB at 37888 KiB; partition 2 \"os_1\" has the type of root", outcome.Text, StringComparison.Ordinal);
        Assert.Contains("/home: ext4 (NoDev) discard; ", outcome.Text, StringComparison.Ordinal);
        Assert.Equal(before, System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(image.File)));
        leftovers.AssertNone();
    }

    [Fact]
    public void APolicyIsHeeded()
    {
        using ScratchImage image = new("gpt");
        Outcome without = image.Run("--image-policy=root=unprotected", "ls", "/home");
        Assert.True(without.ExitStatus == 0 && without.Text == "", without.ToString());
        Outcome refused = image.Run("--image-policy=root=verity", "true");
        Assert.Equal(Launcher.Nspawn.ErrorStatus, refused.ExitStatus);
        OneLine.AssertSaid(refused.Error, "--image-policy= wants root to be verity");
    }
}
