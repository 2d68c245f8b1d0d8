using System.Text.Json;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>nspawn explain tells what a launch would do, and does nothing of it.</summary>
public sealed class ExplainTests
{
    [Theory]
    [InlineData("-b")]
    [InlineData("-b", "--private-network")]
    [InlineData("-a", "true")]
    public void Explain_TellsAndDoesNothing(params string[] arguments)
    {
        using Scratch scratch = new("trixie");
        Leftovers leftovers = Leftovers.Watch(scratch);
        string[] line = ["-D", scratch.Tree, .. arguments];

        Outcome text = Launcher.Nspawn.RunBare(["explain", .. line]);
        Assert.True(text.ExitStatus == 0, text.ToString());
        Assert.Contains("/proc/sys", text.Text, StringComparison.Ordinal);

        Outcome json = Launcher.Nspawn.RunBare(["explain", "--json", .. line]);
        Assert.True(json.ExitStatus == 0, json.ToString());
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.NotEqual(JsonValueKind.Undefined, document.RootElement.ValueKind);

        leftovers.AssertNone();
    }
}
