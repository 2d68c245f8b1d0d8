using System.Globalization;
using Nspawn.Core;

namespace Nspawn;

/// <summary><c>nspawn logs</c>: what the machine's journal has of this boot, shown by the machine's own journalctl.</summary>
internal static class MachineLogs
{
    private const string Program = "/usr/bin/journalctl";
    private static readonly string[] s_places = [Program, "/bin/journalctl"];

    /// <returns>The exit status.</returns>
    public static int Run(RunningMachine machine, MachineRequest.Logs request)
    {
        string program = s_places.FirstOrDefault(machine.Root.Exists) ?? throw new LaunchException(
            $"machine {machine.State.Machine} keeps no journal: it has no journalctl; what it says is on its console");
        List<string> command = [program, "--no-pager", "--boot"];
        if (request.Lines is int lines)
        {
            command.AddRange(["--lines", lines.ToString(CultureInfo.InvariantCulture)]);
        }

        if (request.Follow)
        {
            command.Add("--follow");
        }

        return EntrySession.Run(machine, new MachineRequest.Execute(null) { Command = [.. command] });
    }
}
