using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The service manager's wish to stop the container's scope, which comes by the bus; without a bus nobody wishes.
/// </summary>
internal sealed class StopRequests(Bus? bus)
{
    public PollEntry Entry => bus?.Entry ?? PollEntry.Idle;

    /// <summary>Takes what has come; whether the wish was among it.</summary>
    public bool Take()
    {
        bool asked = false;
        for (BusMessage? message = bus?.Next(); message is not null; message = bus?.Next())
        {
            using (message)
            {
                asked |= ScopeUnit.IsStopRequest(message);
            }
        }

        return asked;
    }
}
