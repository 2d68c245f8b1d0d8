using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// Encrypted images where the host can do nothing with them: one line, and nothing left behind. That they boot is looked at
/// where the kernel has a device-mapper, in the virtual machine.
/// </summary>
public sealed class EncryptedImageTests
{
    [Theory]
    [InlineData("luks1", "-i")]
    [InlineData("luks2", "-i")]
    [InlineData("luks2", "explain", "-i")]
    [InlineData("luks2", "check")]
    [InlineData("luks2", "test", "-i")]
    public void WithoutPassphraseOrDeviceMapperItIsRefusedInOneLine(string type, params string[] words)
    {
        using ScratchImage image = new("squashfs");
        string encrypted = Encrypt(image, type);
        Leftovers leftovers = Leftovers.Watch(image);
        Outcome outcome = Launcher.Nspawn.RunBare([.. words, encrypted]);
        // Asked for, it is there as soon as the kernel can have it.
        bool mapper = File.ReadAllText("/proc/misc").Contains(" device-mapper\n", StringComparison.Ordinal);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, mapper ? "there is no credential dissect.passphrase" : "the kernel has no device-mapper");
        leftovers.AssertNone();
    }

    [Fact]
    public void APolicyIsAskedFirst()
    {
        using ScratchImage image = new("squashfs");
        string encrypted = Encrypt(image, "luks2");
        Outcome plain = Launcher.Nspawn.RunBare(["--image-policy=root=unprotected", "-i", encrypted, "true"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, plain.ExitStatus);
        OneLine.AssertSaid(plain.Error, "wants root to be unprotected: it is encrypted");

        Outcome asked = image.Run("--image-policy=root=encrypted", "true");
        Assert.Equal(Launcher.Nspawn.ErrorStatus, asked.ExitStatus);
        OneLine.AssertSaid(asked.Error, "wants root to be encrypted: it is unprotected");
    }

    private static string Encrypt(ScratchImage image, string type)
    {
        string encrypted = $"{image.Folder}/{image.Name}-{type}.raw";
        Outcome made = Command.Run("sh", ["-c", $"truncate -s 20M $0 && printf secret | cryptsetup luksFormat -q --type {type} --pbkdf pbkdf2 --pbkdf-force-iterations 1000 $0 -", encrypted]);
        Assert.True(made.ExitStatus == 0, made.ToString());
        return encrypted;
    }
}
