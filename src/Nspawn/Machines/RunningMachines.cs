using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// Finds the machines that run, by what their launchers keep in /run. A launcher holds a lock on its run's directory: one that
/// nobody holds was left by a launcher that was killed together with its janitor, and is removed here.
/// </summary>
internal static class RunningMachines
{
    private const int LargestState = 4 * 1024 * 1024;
    private const int LookMilliseconds = 20;

    /// <summary>All of them, by name.</summary>
    public static List<RunningMachine> All() => Open(Runs(_ => true));

    /// <summary>The machine of that name, or of that run where several have the name.</summary>
    /// <param name="name">Null: the only one there is.</param>
    /// <param name="patience">For how long it is looked for, in milliseconds: a machine between two boots is not there for a moment.</param>
    /// <exception cref="LaunchException">There is none, or more than one.</exception>
    public static RunningMachine Find(string? name, int patience = 0)
    {
        long deadline = Environment.TickCount64 + patience;
        List<RunningMachine> found = Called(name);
        while (found.Count == 0 && Environment.TickCount64 < deadline)
        {
            _ = Poll.Wait([], LookMilliseconds);
            found = Called(name);
        }

        if (found is [RunningMachine one])
        {
            return one;
        }

        string yours = Processes.EffectiveUid == 0 ? "" : " of yours"; // those of root and of others are not to be seen
        string runs = string.Join(", ", found.Select(machine => name is null ? machine.State.Machine : machine.Run));
        found.ForEach(machine => machine.Dispose());
        throw new LaunchException((name, found.Count) switch
        {
            (null, 0) => $"no machine{yours} runs",
            (null, _) => $"{found.Count} machines run: say which ({runs})",
            (_, 0) => $"no machine {Message.Printable(name)}{yours} runs; nspawn list shows those that do",
            _ => $"{found.Count} machines of the name {name} run: say which ({runs})",
        });
    }

    /// <summary>The machine that a launcher runs; null: none yet, or no more.</summary>
    /// <param name="launcher">Its process, which is known to be the one that has the number.</param>
    public static RunningMachine? OfLauncher(int launcher) =>
        Runs(_ => true).FirstOrDefault(run => ReadState(run)?.Launcher.Pid == launcher) is string run ? Open(run) : null;

    /// <summary>What the launcher of a run has written; null: nothing yet, or no more.</summary>
    public static MachineState? ReadState(string run) => ReadText(run) is string text ? MachineState.Parse(text) : null;

    private static List<RunningMachine> Called(string? name) =>
        Open(Runs(run => name is null || run == name || RunPaths.RunOf(run, name) is not null));

    private static string? ReadText(string run)
    {
        string path = $"{RunPaths.Top}/{run}/{RunPaths.State}";
        using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.NoFollow | OpenMode.NonBlocking, out _);
        return file is null ? null : Encoding.UTF8.GetString(Descriptors.ReadAll(file, LargestState, path));
    }

    private static IEnumerable<string> Runs(Func<string, bool> wanted)
    {
        using SafeFileHandle? top = Descriptors.TryOpen(RunPaths.Top, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        return top is null ? [] : DirectoryListing.Of(top, RunPaths.Top, directoriesOnly: true).Where(wanted).Order(StringComparer.Ordinal);
    }

    private static List<RunningMachine> Open(IEnumerable<string> runs)
    {
        List<RunningMachine> machines = [];
        foreach (string run in runs)
        {
            if (Open(run) is RunningMachine machine)
            {
                machines.Add(machine);
            }
        }

        return machines;
    }

    private static RunningMachine? Open(string run)
    {
        string path = $"{RunPaths.Top}/{run}";
        using SafeFileHandle? directory = Descriptors.TryOpen(path, OpenMode.Read | OpenMode.Directory | OpenMode.NoFollow, out _);
        if (directory is null || ReadText(run) is not string text)
        {
            return null; // systemd-nspawn's, or about to be somebody's
        }

        // Its launcher holds the claim, see RunClaim; what nobody holds is left over.
        if (Descriptors.TryLock(directory))
        {
            directory.Dispose();
            new StaleRuns(RunPaths.MachineOf(run), quiet: true).Remove(HostReader.ReadTemporary(Environment.GetEnvironmentVariable));
            return null;
        }

        MachineState? state = MachineState.Parse(text);
        SafeFileHandle? leader = state?.Leader.TryOpen();
        if (state is null || leader is null || !Pidfd.IsAlive(leader))
        {
            leader?.Dispose();
            return null;
        }

        return new RunningMachine(run, state, leader);
    }
}
