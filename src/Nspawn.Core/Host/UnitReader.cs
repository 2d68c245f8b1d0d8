using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>Looks for the service manager's and machined's doors; nobody is spoken to yet.</summary>
public static class UnitReader
{
    /// <summary>machined's socket.</summary>
    public const string MachinedSocket = "/run/systemd/machine/io.systemd.Machine";

    private const string SystemBusSocket = "/run/dbus/system_bus_socket";
    private const string SystemBusVariable = "DBUS_SYSTEM_BUS_ADDRESS";
    private const string MachinedActivation = "/usr/share/dbus-1/system-services/org.freedesktop.machine1.service";
    private const string MachineFiles = "/run/systemd/machines";

    public static bool HasSystemBus(Settings settings, Func<string, string?> environment) =>
        (settings.Register != RegisterMode.No || !settings.KeepUnit)
        && (environment(SystemBusVariable) is { Length: > 0 } || FileStatus.At(SystemBusSocket) is { Type: FileType.Socket });

    /// <summary>An ordinary user's: logind starts their service manager at the first login, and a bus where it is installed.</summary>
    public static string? UserBus(Settings settings, Func<string, string?> environment) =>
        !settings.KeepUnit
        && Rootless.RuntimeDirectory(environment, Rootless.OuterUid()) is string directory
        && FileStatus.At($"{directory}/systemd/private") is { Type: FileType.Socket }
        && FileStatus.At($"{directory}/bus") is { Type: FileType.Socket }
            ? $"{directory}/bus"
            : null;

    public static MachinedDoor Machined(Settings settings) =>
        settings.Register == RegisterMode.No ? MachinedDoor.None
        : FileStatus.At(MachinedSocket) is { Type: FileType.Socket } ? MachinedDoor.Varlink
        : FileStatus.At(MachinedActivation) is not null ? MachinedDoor.Bus
        : MachinedDoor.None;

    /// <summary>
    /// The machines that machined knows and that live: it writes a file for each, and links to it by the unit's name. The
    /// entry of one whose leader is gone is about to go too.
    /// </summary>
    public static ImmutableArray<string> RegisteredMachines(Settings settings)
    {
        if (settings.Register == RegisterMode.No)
        {
            return [];
        }

        using SafeFileHandle? directory = Descriptors.TryOpen(MachineFiles, OpenMode.Read | OpenMode.Directory, out _);
        return directory is null ? [] : [.. DirectoryListing.Of(directory, MachineFiles).Where(name =>
            (settings.Machine is null || name == settings.Machine) && MachineNames.IsValid(name) && IsAlive(name))];
    }

    /// <summary>machined knows the machine, and its leader has not ended.</summary>
    public static bool IsAlive(string machine)
    {
        // The process's state is behind its name, which stands in brackets and may hold some; proc_pid_stat(5).
        string stat = LeaderOf(machine) is int leader ? HostReader.ReadText($"/proc/{leader}/stat") ?? "" : "";
        int end = stat.LastIndexOf(')');
        return end >= 0 && end + 2 < stat.Length && stat[end + 2] is not ('Z' or 'X');
    }

    /// <summary>The leader of a machine in machined's list; null: there is none of that name.</summary>
    public static int? LeaderOf(string machine)
    {
        const string Field = "LEADER=";
        foreach (string line in (HostReader.ReadText($"{MachineFiles}/{machine}") ?? "").Split('\n'))
        {
            if (line.StartsWith(Field, StringComparison.Ordinal) && int.TryParse(line[Field.Length..], out int leader))
            {
                return leader;
            }
        }

        return null;
    }
}
