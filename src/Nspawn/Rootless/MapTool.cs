using System.Collections.Immutable;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>newuidmap(1) and newgidmap(1): they may give a user namespace the ids that root has set apart for its user.</summary>
internal static class MapTool
{
    private const int LongestMessage = 4096;

    public static void Run(string tool, int pid, ImmutableArray<IdExtent> extents)
    {
        using ChildProgram program = new();
        (SafeFileHandle read, SafeFileHandle write) = Descriptors.Pipe();
        using (read)
        {
            ChildEnd end;
            using (write)
            {
                program.BeginProcess(blocksSignals: false);
                program.ReplaceDescriptor(write, StandardDescriptors.Error);
                string[] arguments = [tool, $"{pid}", .. extents.SelectMany(one => (string[])[$"{one.Inside}", $"{one.Outside}", $"{one.Count}"])];
                string[] paths = [$"/usr/bin/{tool}", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(one => one.StartsWith('/')).Select(one => $"{one}/{tool}")];
                program.Execute(paths, [.. paths.Select(_ => arguments)], []);
                using Child child = Child.Start(program, CloneFlags.None, cgroup: null, waitsForExec: true);
                ChildFailure? failure = child.AwaitReport();
                end = Pidfd.Wait(child.Pidfd);
                if (failure is ChildFailure failed)
                {
                    throw new LaunchException(failed.Errno == Errno.ENOENT
                        ? $"there is no {tool}, which gives your ids to the container: have the package uidmap installed (shadow-utils elsewhere), or start nspawn as root"
                        : $"cannot execute {tool}: {ErrnoText.Of(failed.Errno)}");
                }
            }

            if (end.Signalled || end.Value != 0)
            {
                string said = Encoding.UTF8.GetString(Descriptors.ReadAll(read, LongestMessage, tool)).Trim();
                throw new LaunchException(
                    $"{tool} did not give your ids to the container: {(said.Length > 0 ? said : $"exit status {end.Value}")}; see /etc/{(tool == "newuidmap" ? "subuid" : "subgid")}, and that it is setuid root here");
            }
        }
    }
}
