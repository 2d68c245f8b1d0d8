using System.Text.Json;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>A tree that something may be wrong with, and what nspawn test says of it.</summary>
internal sealed class Tested : IDisposable
{
    private const string Wanted = "/etc/systemd/system/multi-user.target.wants/";
    private readonly string _reports = Directory.CreateTempSubdirectory("nsb-reports").FullName;

    public Tested(string fixture) => Scratch = new Scratch(fixture);

    public Scratch Scratch { get; }

    /// <summary>A service, wanted by what the tree boots to.</summary>
    public Tested With(string name, string unit, string directory = Wanted)
    {
        Scratch.Write($"/etc/systemd/system/{name}", unit);
        Directory.CreateDirectory(Scratch.At(directory));
        Scratch.Link(directory + name, $"/etc/systemd/system/{name}");
        return this;
    }

    public Tested WithOneshot(string name, string command, string more = "") =>
        With(name, $"[Unit]\n{more}\n[Service]\nType=oneshot\nExecStart={command}\nTimeoutStartSec=infinity\n");

    public string Report(string name) => Path.Combine(_reports, name);

    public Command Start(params string[] arguments) => Command.Start(Launcher.Nspawn.Program, Arguments(arguments), Launcher.CallerEnvironment);

    /// <summary>Tests it, expects a status, and looks for what is left.</summary>
    public Outcome Expect(int status, params string[] arguments)
    {
        Leftovers leftovers = Leftovers.Watch(Scratch);
        Outcome outcome = Launcher.Nspawn.RunBare(Arguments(arguments), TimeSpan.FromSeconds(150));
        Assert.True(outcome.ExitStatus == status, outcome.ToString());
        leftovers.AssertNone();
        return outcome;
    }

    /// <summary>The same, with what its report as JSON says.</summary>
    public JsonElement ExpectJson(int status, params string[] arguments)
    {
        Outcome outcome = Expect(status, ["-o", Report("boot.json"), .. arguments]);
        Assert.Empty(outcome.Error);
        return JsonDocument.Parse(File.ReadAllText(Report("boot.json"))).RootElement;
    }

    public void Dispose()
    {
        try
        {
            Scratch.Dispose();
        }
        finally
        {
            Directory.Delete(_reports, recursive: true);
        }
    }

    private string[] Arguments(string[] arguments) => ["test", "-D", Scratch.Tree, "-M", Scratch.Name, "--timeout=100", .. arguments];
}
