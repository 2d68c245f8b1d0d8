using System.Globalization;
using System.Text;
using System.Text.Json;
using Nspawn.Core;

namespace Nspawn;

/// <summary><c>nspawn list</c>: the machines that run, for people or for programs.</summary>
internal static class MachineList
{
    private static readonly string[] s_titles = ["MACHINE", "STATE", "OS", "LEADER", "UPTIME", "ADDRESSES", "TREE"];

    public static string Text(IReadOnlyList<RunningMachine> machines)
    {
        DateTime now = DateTime.UtcNow;
        List<string[]> rows = [s_titles, .. machines.Select(machine => Row(machine, now))];
        int[] widths = [.. Enumerable.Range(0, s_titles.Length).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in rows)
        {
            string line = string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])));
            _ = text.Append(line.TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    public static string Json(IReadOnlyList<RunningMachine> machines)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (RunningMachine machine in machines)
            {
                Write(json, machine);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>Two units at most: <c>3d 4h</c>, <c>12min 5s</c>.</summary>
    public static string Uptime(TimeSpan time)
    {
        (long Value, string Unit)[] parts = [(time.Days, "d"), (time.Hours, "h"), (time.Minutes, "min"), (time.Seconds, "s")];
        string text = string.Join(' ', parts.SkipWhile(part => part.Value <= 0).Take(2).Where(part => part.Value > 0).Select(part => $"{part.Value}{part.Unit}"));
        return text.Length > 0 ? text : "0s";
    }

    private static string[] Row(RunningMachine machine, DateTime now) =>
    [
        machine.State.Machine, NameOf(machine.State.Phase), Or(machine.State.OperatingSystem), machine.State.Leader.Pid.ToString(CultureInfo.InvariantCulture),
        Uptime(now - StartOf(machine)), Or(string.Join(',', MachineFacts.Addresses(machine.State.Leader.Pid))), Message.OneLine(machine.State.Tree),
    ];

    private static void Write(Utf8JsonWriter json, RunningMachine machine)
    {
        MachineState state = machine.State;
        json.WriteStartObject();
        json.WriteString("machine", state.Machine);
        json.WriteString("run", machine.Run);
        json.WriteString("id", state.Id.ToString("N"));
        json.WriteString("state", NameOf(state.Phase));
        json.WriteString("os", machine.State.OperatingSystem);
        json.WriteNumber("leader", state.Leader.Pid);
        json.WriteNumber("launcher", state.Launcher.Pid);
        json.WriteString("started", StartOf(machine));
        json.WriteString("tree", state.Tree);
        json.WriteString("cgroup", state.Cgroup);
        json.WriteStartArray("addresses");
        foreach (string address in MachineFacts.Addresses(state.Leader.Pid))
        {
            json.WriteStringValue(address);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static DateTime StartOf(RunningMachine machine) =>
        DateTime.UnixEpoch + TimeSpan.FromMicroseconds(Math.Clamp(machine.State.Started, 0, 100_000_000_000_000_000));

    private static string NameOf(MachinePhase phase) => phase switch
    {
        MachinePhase.Starting => "starting",
        MachinePhase.Ready => "ready",
        MachinePhase.Running => "running",
        _ => "stopping",
    };

    private static string Or(string? text) => string.IsNullOrEmpty(text) ? "-" : text;
}
