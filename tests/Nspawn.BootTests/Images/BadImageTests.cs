using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>What is no image, what is broken, and what somebody else has: one line, and nothing left behind.</summary>
public sealed class BadImageTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("mkdir $0", "is a directory")]
    [InlineData("mkfifo $0", "is no disk image")]
    [InlineData("ln -s /dev/null $0", "is no disk image")]
    [InlineData("ln -s nowhere $0", "no such file")]
    [InlineData(": >$0", "it is empty")]
    [InlineData("head -c 1000 /dev/zero >$0", "it is no disk image")]
    [InlineData("head -c 1000000 /dev/urandom >$0", "neither a partition table (GPT or MBR) nor a file system")]
    [InlineData("head -c 12000000 $IMAGES/ext4.raw >$0", "it is truncated")]
    [InlineData("head -c 500000 $IMAGES/squashfs.raw >$0", "it is truncated")]
    [InlineData("head -c 50000000 $IMAGES/gpt.raw >$0", "it is truncated")]
    [InlineData("cp --no-preserve=mode $IMAGES/gpt.raw $0; for at in 520 75496960; do printf x | dd of=$0 bs=1 seek=$at conv=notrunc; done", "neither the GPT at its start nor the copy at its end is whole")]
    [InlineData("cp --no-preserve=mode $IMAGES/ext4.raw $0; dd if=/dev/zero of=$0 bs=1024 seek=4 count=8000 conv=notrunc", "the file system is damaged")]
    [InlineData("truncate -s 1M $0; printf 'LUKS\\272\\276' | dd of=$0 conv=notrunc", "cannot decrypt the image")]
    public void ItIsRefusedInOneLine(string make, string reason)
    {
        using ScratchImage image = new("squashfs");
        string bad = $"{image.Folder}/{image.Name}-bad.raw";
        string images = Path.GetDirectoryName(ScratchImage.Of("ext4"))!;
        Outcome made = Command.Run("sh", ["-c", make.Replace("$IMAGES", images, StringComparison.Ordinal), bad]);
        Assert.True(made.ExitStatus == 0, made.ToString());
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome outcome = Launcher.Nspawn.RunBare(["-M", image.Name, "-i", bad, "true"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, reason);
        leftovers.AssertNone();
    }

    [Fact]
    public void OneWriterHasAnImageAloneAndReadersShareIt()
    {
        using ScratchImage image = new("ext4");
        using (Command writer = image.Start("sh", "-c", "echo up; sleep 30"))
        {
            Assert.True(writer.WaitForOutput("up", s_patience), writer.OutputSoFar);
            Outcome other = image.Run("--read-only", "true");
            Assert.Equal(Launcher.Nspawn.ErrorStatus, other.ExitStatus);
            OneLine.AssertSaid(other.Error, "is in use by another container");
            writer.Signal(Signum.SIGTERM);
            writer.Wait(s_patience);
        }

        using Command reader = image.Start("--read-only", "sh", "-c", "echo up; sleep 30");
        Assert.True(reader.WaitForOutput("up", s_patience), reader.OutputSoFar);
        Assert.Equal(0, image.Run("--read-only", "true").ExitStatus);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, image.Run("true").ExitStatus);
        reader.Signal(Signum.SIGTERM);
        reader.Wait(s_patience);
    }

    [Fact]
    public void AnImageOnAReadOnlyFileSystemIsRead()
    {
        using ScratchImage image = new("ext4");
        Outcome outcome = Command.Run("unshare", ["--mount", "sh", "-c",
            "mount --bind $0 $0 && mount -o remount,ro,bind $0 && exec $1 -q -i $0/$2.raw sh -c 'touch /x || echo refused'",
            image.Folder, Launcher.Nspawn.Program, image.Name]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text.EndsWith("refused\n", StringComparison.Ordinal), outcome.ToString());
    }

    [Fact]
    public void WithoutNodesInDevADeviceIsFoundAllTheSame()
    {
        using ScratchImage image = new("squashfs");
        Outcome outcome = Command.Run("unshare", ["--mount", "sh", "-c", """
            mount -t tmpfs none /mnt && for node in null zero full random urandom tty; do touch /mnt/$node && mount --bind /dev/$node /mnt/$node; done
            mknod /mnt/loop-control c 10 237 && mkdir /mnt/pts /mnt/shm && mount --bind /dev/pts /mnt/pts && ln -s pts/ptmx /mnt/ptmx && mount --move /mnt /dev && exec $1 -q -i $0 hostname
            """, image.File, Launcher.Nspawn.Program]);
        Assert.True(outcome.ExitStatus == 0 && outcome.Text == image.Name + "\n", outcome.ToString());
    }

    [Fact]
    public void KilledAtAnyMomentNothingStays()
    {
        using ScratchImage image = new("gpt");
        using ScratchImage small = new("squashfs");
        Leftovers leftovers = Leftovers.Watch(image), others = Leftovers.Watch(small);
        Random random = new(42);
        for (int i = 0; i < 40; i++)
        {
            using Command command = (i % 2 == 0 ? image : small).Start("sleep", "30");
            Thread.Sleep(random.Next(40));
            command.Signal(Signum.SIGKILL);
            command.Wait(s_patience);
        }

        leftovers.AssertNone();
        others.AssertNone();
        Assert.Equal(0, image.Run("true").ExitStatus);
    }
}
