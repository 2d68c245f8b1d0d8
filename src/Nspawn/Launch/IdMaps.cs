using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// User namespaces that nobody lives in: a mount takes its mapping of ids from one. Each is made by a process that does
/// nothing, and ends as soon as the namespace is open. To be used while the host's /proc is in sight.
/// </summary>
internal sealed class IdMaps : IDisposable
{
    private readonly Dictionary<(string, string), SafeFileHandle> _made = [];

    public SafeFileHandle Of(IdMapping mapping)
    {
        (string Uids, string Gids) text = (IdMapping.TextOf(mapping.Uids), IdMapping.TextOf(mapping.Gids));
        if (!_made.TryGetValue(text, out SafeFileHandle? made))
        {
            made = Make(pid => UserNamespaces.WriteMap(pid, text.Uids, text.Gids));
            _made.Add(text, made);
        }

        return made;
    }

    public void Dispose()
    {
        foreach (SafeFileHandle made in _made.Values)
        {
            made.Dispose();
        }

        _made.Clear();
    }

    /// <summary>One that nobody else has.</summary>
    /// <param name="map">Gives its ids to it, by the number of the process in it.</param>
    public static SafeFileHandle Make(Action<int> map)
    {
        using ChildProgram program = new();
        using Gate gate = new();
        program.DieWithParent();
        gate.Await(program); // for ever: it is killed there
        using Child holder = Child.Start(program, CloneFlags.NewUser, cgroup: null, waitsForExec: false, sharesMemory: true);
        try
        {
            map(holder.Pid);
            return UserNamespaces.Open(holder.Pid);
        }
        finally
        {
            _ = Pidfd.Send(holder.Pidfd, Signal.Kill);
            _ = Pidfd.Wait(holder.Pidfd);
        }
    }
}
