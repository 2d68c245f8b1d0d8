using System.Text.RegularExpressions;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>The same probe in the same tree under nspawn and under systemd-nspawn: what differs must be expected.</summary>
public sealed class ReferenceComparison
{
    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Pid2)]
    [InlineData(ProbePlace.Booted)]
    public void Default(ProbePlace place) => AssertAlike(place);

    [Theory]
    [InlineData(ProbePlace.Pid1)]
    [InlineData(ProbePlace.Booted)]
    public void PrivateNetwork(ProbePlace place) => AssertAlike(place, "--private-network");

    [Fact]
    public void Pipe() => AssertAlike(ProbePlace.Pid1, "--console=pipe");

    [Fact]
    public void ReadOnly() => AssertAlike(ProbePlace.Pid1, "--read-only");

    // Not booted: the reference's containers share one cgroup here, which belongs to whichever of them was last.
    [Fact]
    public void PrivateUsers() => AssertAlike(ProbePlace.Pid1, "-U");

    [Fact]
    public void PrivateUsersAndNetwork() => AssertAlike(ProbePlace.Pid1, "-U", "--private-network");

    [Fact]
    public void PrivateUsersChown() => AssertAlike(ProbePlace.Pid1, "--private-users=1048576", "--private-users-ownership=chown");

    [Fact]
    public void Capabilities() => AssertAlike(ProbePlace.Pid1, "--capability=CAP_NET_ADMIN,CAP_SYS_MODULE", "--drop-capability=CAP_MKNOD");

    private static void AssertAlike(ProbePlace place, params string[] options)
    {
        Need.Tool("systemd-nspawn");
        using Scratch scratch = new("trixie", copied: options.Contains("-U"));
        Facts reference = ProbeRun.Of(Launcher.Reference, scratch, place, options);
        Facts own = ProbeRun.Of(Launcher.Nspawn, scratch, place, options);

        string[] unexpected =
        [
            .. own.Keys.Union(reference.Keys).Where(key => own[key] != reference[key])
                .Where(key => !ExpectedDifferences.All.Any(expected => expected.Explains(key, reference[key], own[key])))
                .Select(key => $"{key}\n  systemd-nspawn: {reference[key]}\n  nspawn:         {own[key]}"),
        ];
        Assert.True(unexpected.Length == 0, "differs from systemd-nspawn, and nobody said why:\n" + string.Join('\n', unexpected));
    }
}

/// <summary>A difference that is meant.</summary>
/// <param name="Keys">The facts, as a regular expression for the whole key.</param>
/// <param name="Own">What nspawn's fact is then, as a regular expression for the whole value.</param>
/// <param name="Reason">Why it is better so.</param>
internal sealed record ExpectedDifference(string Keys, string Own, string Reason)
{
    public bool Explains(string key, string reference, string own) =>
        Matches(Keys, key) && Matches(Own, own) && reference != own;

    private static bool Matches(string pattern, string text) => Regex.IsMatch(text, $"^(?:{pattern})$", RegexOptions.Singleline);
}
