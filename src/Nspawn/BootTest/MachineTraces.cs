using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>What a machine listens on and what it has written, seen from the host.</summary>
internal static class MachineTraces
{
    private const int LongestTable = 4 * 1024 * 1024, MostFiles = 20_000;

    /// <summary>The sockets of its network; on the host's it is not known whose they are.</summary>
    public static ImmutableArray<string> Listening(RunningMachine machine) =>
    [
        .. ListeningSockets.Tables.SelectMany(table => ListeningSockets.Of(table, Read($"/proc/{machine.State.Leader.Pid}/net/{table}")))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>
    /// Files of the tree that were made or changed since the machine was started, by the time of the change that nobody can set. What is
    /// mounted on the tree, /run and /tmp among them, is not the image's.
    /// </summary>
    public static ImmutableArray<string> Written(RunningMachine machine)
    {
        DateTime since = DateTime.UnixEpoch.AddMicroseconds(machine.State.Started);
        List<string> written = [];
        new TreeWalk(machine.Root.Handle, intoMounts: false).Visit((in WalkedFile file) =>
        {
            if (file.Status.Type != FileType.Directory && !file.Status.IsMountPoint && file.Status.Changed >= since && written.Count < MostFiles)
            {
                written.Add(file.Path);
            }
        });
        written.Sort(StringComparer.Ordinal);
        return [.. written];
    }

    private static string Read(string path)
    {
        try
        {
            using SafeFileHandle? file = Descriptors.TryOpen(path, OpenMode.Read, out _);
            return file is null ? "" : Encoding.UTF8.GetString(Descriptors.ReadAll(file, LongestTable, path));
        }
        catch (SyscallException)
        {
            return ""; // it has ended
        }
    }
}
