using System.Collections.Immutable;
using Nspawn.Core;
using Nspawn.Linux;
using Errno = Mono.Unix.Native.Errno;

namespace Nspawn;

/// <summary>newuidmap(1) and newgidmap(1): they may give a user namespace the ids that root has set apart for its user.</summary>
internal static class MapTool
{
    public static void Run(string tool, int pid, ImmutableArray<IdExtent> extents)
    {
        string[] arguments = [tool, $"{pid}", .. extents.SelectMany(one => (string[])[$"{one.Inside}", $"{one.Outside}", $"{one.Count}"])];
        string[] paths = [$"/usr/bin/{tool}", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(one => one.StartsWith('/')).Select(one => $"{one}/{tool}")];
        try
        {
            ChildEnd end = HostTool.Run(paths, arguments, StandardDescriptors.Error, Poll.Forever, out string output);
            if (end.Signalled || end.Value != 0)
            {
                string said = output.Trim();
                throw new LaunchException(
                    $"{tool} did not give your ids to the container: {(said.Length > 0 ? said : $"exit status {end.Value}")}; see /etc/{(tool == "newuidmap" ? "subuid" : "subgid")}, and that it is setuid root here");
            }
        }
        catch (SyscallException failure)
        {
            throw new LaunchException(failure.Errno == Errno.ENOENT
                ? $"there is no {tool}, which gives your ids to the container: have the package uidmap installed (shadow-utils elsewhere), or start nspawn as root"
                : $"cannot execute {tool}: {failure.Reason}");
        }
    }
}
