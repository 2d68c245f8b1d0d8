using Nspawn.Core;

namespace Nspawn;

/// <summary>What the supervisor has to know of what was asked.</summary>
/// <param name="Machine">The container's name, for messages.</param>
/// <param name="Console">The mode, resolved: see <see cref="ConsoleModes"/>.</param>
/// <param name="KillSignal">What asks PID 1 to shut down; 0: nothing does, it is killed.</param>
/// <param name="NotifyReady">The payload itself says when it is ready.</param>
/// <param name="Quiet">No messages.</param>
internal sealed record SupervisorOptions(
    string Machine, ConsoleMode Console, int KillSignal, bool NotifyReady, bool Quiet);
