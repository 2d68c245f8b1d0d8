using System.Globalization;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>The Debian package, in a Debian tree: it installs, runs and leaves.</summary>
public sealed class DebTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public void Package_InstallsRunsAndLeavesNothing(string fixture)
    {
        using Scratch scratch = new(fixture);
        Need.Tool("go-md2man");
        Need.Tool("dpkg-shlibdeps");
        Outcome made = Command.Run(Repository.File("scripts/deb"), [scratch.At("/root")], TimeSpan.FromMinutes(5));
        Assert.True(made.ExitStatus == 0, made.ToString());
        string package = "/root/" + Path.GetFileName(made.Text.TrimEnd('\n'));

        // A small tree lacks what a package may depend on and ours does without; its own record keeping is no leftover.
        HashSet<string> before = [.. Files(scratch)];
        Chroot(scratch, "dpkg", "-i", package);
        Assert.StartsWith("nspawn ", Chroot(scratch, "nspawn", "--version"), StringComparison.Ordinal);
        Assert.StartsWith("systemd ", Chroot(scratch, "/usr/lib/nspawn/compat/systemd-nspawn", "--version"), StringComparison.Ordinal);
        string[] installed = [.. Files(scratch).Where(file => !before.Contains(file))];
        Assert.Contains("/usr/lib/systemd/system/nspawn@.service", installed);
        Assert.Contains("/usr/share/zsh/vendor-completions/_nspawn", installed);
        Assert.DoesNotContain(installed, file => file.Contains("manifest", StringComparison.Ordinal));

        Chroot(scratch, "dpkg", "-r", "nspawn");
        Assert.Equal([], Files(scratch).Where(file => !before.Contains(file)));
    }

    private static string Chroot(Scratch scratch, params string[] command)
    {
        Outcome outcome = Command.Run("chroot", [scratch.Tree, .. command]);
        Assert.True(outcome.ExitStatus == 0, string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', command)}: {outcome}"));
        return outcome.Text;
    }

    private static IEnumerable<string> Files(Scratch scratch) =>
        Command.Run("find", [scratch.Tree, "-not", "-path", "*/var/lib/dpkg/*", "-not", "-path", "*/var/log/*"]).Text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => path[scratch.Tree.Length..]);
}
