using Nspawn.Linux;

namespace Nspawn;

/// <summary>What a container's network needs while it lives: somebody who answers its questions, ports that follow it.</summary>
internal sealed class NetworkWatch(LinkServer? server, PortForwarder? ports) : IDisposable
{
    /// <summary>When something is to be done though nothing comes; -1: never.</summary>
    public int Timeout => Earlier(server?.Timeout ?? Poll.Forever, ports?.Timeout ?? Poll.Forever);

    /// <summary>The earlier of two times to wait, either of which may be for good.</summary>
    public static int Earlier(int one, int other) =>
        one == Poll.Forever ? other : other == Poll.Forever ? one : Math.Min(one, other);

    public void AppendEntries(List<PollEntry> entries)
    {
        if (server is not null)
        {
            entries.Add(server.Questions);
            entries.Add(server.Solicitations);
            entries.Add(server.Changes);
        }

        ports?.AppendEntries(entries);
    }

    public void Answer(ReadOnlySpan<PollEntry> came)
    {
        if (server is not null)
        {
            if (came[0].Ready || came[1].Ready || came[2].Ready || server.Timeout == 0)
            {
                server.Answer();
            }

            came = came[3..];
        }

        ports?.Answer(ref came);
    }

    public void Dispose()
    {
        server?.Dispose();
        ports?.Dispose();
    }
}
