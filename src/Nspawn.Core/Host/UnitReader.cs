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

    public static MachinedDoor Machined(Settings settings) =>
        settings.Register == RegisterMode.No ? MachinedDoor.None
        : FileStatus.At(MachinedSocket) is { Type: FileType.Socket } ? MachinedDoor.Varlink
        : FileStatus.At(MachinedActivation) is not null ? MachinedDoor.Bus
        : MachinedDoor.None;

    /// <summary>machined writes a file for each machine, and links to it by the unit's name.</summary>
    public static ImmutableArray<string> RegisteredMachines(Settings settings)
    {
        if (settings.Register == RegisterMode.No)
        {
            return [];
        }

        using SafeFileHandle? directory = Descriptors.TryOpen(MachineFiles, OpenMode.Read | OpenMode.Directory, out _);
        return directory is null ? [] : [.. DirectoryListing.Of(directory, MachineFiles).Where(MachineNames.IsValid)];
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
