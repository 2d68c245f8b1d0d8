using Xunit;

namespace Nspawn.BootTests;

/// <summary>A machine that runs while the test asks about it with the verbs.</summary>
internal sealed class Running : IDisposable
{
    private readonly Leftovers _leftovers;
    private readonly bool _ownsScratch;

    private Running(Scratch scratch, IEnumerable<string> arguments, bool ownsScratch)
    {
        Scratch = scratch;
        _ownsScratch = ownsScratch;
        _leftovers = Leftovers.Watch(scratch);
        Launcher = BootTests.Launcher.Nspawn.Start(scratch, arguments);
    }

    public Scratch Scratch { get; }

    public Command Launcher { get; }

    public string Name => Scratch.Name;

    /// <summary>Boots a fixture's own init.</summary>
    public static Running Boot(string fixture, params string[] options) => new(new Scratch(fixture), ["-b", .. options], ownsScratch: true);

    /// <summary>A shell script as the payload of a tree; it says "up" when it runs.</summary>
    public static Running Script(Scratch scratch, string script, params string[] options)
    {
        Running machine = new(scratch, [.. options, "sh", "-c", "echo up; " + script], ownsScratch: false);
        Assert.True(machine.Launcher.WaitForOutput("up", TimeSpan.FromSeconds(30)), machine.Launcher.OutputSoFar);
        return machine;
    }

    /// <summary>A verb of nspawn about this machine.</summary>
    public Outcome Ask(string verb, params string[] arguments) =>
        BootTests.Launcher.Nspawn.RunBare([verb, Name, .. arguments], TimeSpan.FromSeconds(90));

    public Outcome Exec(params string[] command) => Ask("exec", ["--", .. command]);

    /// <summary>Ends it through the verb, and looks for what is left.</summary>
    public void AssertStops(params string[] options)
    {
        Outcome outcome = Ask("stop", options);
        Assert.True(outcome is { ExitStatus: 0, Error: "" }, outcome.ToString());
        Assert.True(Launcher.Wait(TimeSpan.FromSeconds(5)) is { TimedOut: false });
        _leftovers.AssertNone();
    }

    public void Dispose()
    {
        Launcher.Dispose();
        if (_ownsScratch)
        {
            Scratch.Dispose();
        }
    }
}
