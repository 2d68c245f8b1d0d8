using Microsoft.Win32.SafeHandles;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// The link-layer address of the container's end of its link, by which its questions are told from those of others on the
/// bridge. It is the container's to change: so it is followed.
/// </summary>
internal sealed class GuestAddress : IDisposable
{
    private const int Length = 6;

    private readonly RouteSocket _inside;
    private readonly RouteEvents _events;
    private readonly int _index;
    private byte[] _current;

    public GuestAddress(SafeFileHandle network)
    {
        (_inside, _events) = Namespaces.InNetwork(network, () => (new RouteSocket(), new RouteEvents(RouteNews.Links)));
        Link link = _inside.LinkOf(InterfaceNames.Container) ?? throw new LaunchException($"the container's interface {InterfaceNames.Container} is gone");
        _index = link.Index;
        _current = [.. link.Address];
    }

    public ReadOnlySpan<byte> Current => _current;

    /// <summary>Something about the container's links has changed.</summary>
    public PollEntry Entry => _events.Entry;

    /// <summary>Takes the news; true when the address is another now.</summary>
    public bool HasChanged()
    {
        if (!_events.Take() || _inside.LinkOf(_index) is not { Address.Length: Length } link || link.Address.AsSpan().SequenceEqual(_current))
        {
            return false;
        }

        _current = [.. link.Address];
        return true;
    }

    public void Dispose()
    {
        _events.Dispose();
        _inside.Dispose();
    }
}
