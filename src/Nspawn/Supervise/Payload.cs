using Microsoft.Win32.SafeHandles;

namespace Nspawn;

/// <summary>A started container, as far as living with it needs.</summary>
/// <param name="Pidfd">Its leader: PID 1 in there.</param>
/// <param name="Pid">The leader as the host numbers it.</param>
/// <param name="ConsoleMaster">The master of its console; null in pipe mode.</param>
/// <param name="NotifySocket">
/// Bound to /run/host/notify in there, a datagram socket with SO_PASSCRED; null when there is none.
/// </param>
/// <param name="Kill">Kills everything in it.</param>
/// <param name="Network">What its network needs while it lives; null: nothing.</param>
/// <param name="StopRequests">By which the service manager asks for its end.</param>
/// <param name="State">Where it is told how far the machine is.</param>
internal sealed record Payload(
    SafeFileHandle Pidfd, int Pid, SafeFileHandle? ConsoleMaster, SafeFileHandle? NotifySocket, Action Kill,
    StopRequests StopRequests, StateFile State, NetworkWatch? Network);
