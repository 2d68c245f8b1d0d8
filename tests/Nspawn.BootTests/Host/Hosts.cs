using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// The hosts of the tests in this folder, booted when the first of them asks and ended after the last. A test leaves them as they were.
/// </summary>
[CollectionDefinition(nameof(Hosts))]
public sealed class Hosts : ICollectionFixture<Hosts>, IDisposable
{
    private readonly Dictionary<string, RealHost> _booted = [];
    private readonly Dictionary<string, Machine> _guests = [];

    public static TheoryData<string> All => ["host-trixie", "host-forky"];

    public void Dispose()
    {
        foreach (Machine guest in _guests.Values)
        {
            guest.Dispose();
        }

        // All at once, and all of them even if one will not: then what is left is left by them.
        foreach (RealHost host in _booted.Values)
        {
            host.AskToEnd();
        }

        string[] complaints = [.. _booted.Values.Select(host => host.End()).OfType<string>()];
        Assert.Empty(complaints);
        foreach (RealHost host in _booted.Values)
        {
            host.AssertNothingLeft();
        }
    }

    /// <summary>A machine that runs on the host for all who only look at it or talk to it; with a network of its own.</summary>
    internal Machine GuestOf(string fixture)
    {
        if (!_guests.TryGetValue(fixture, out Machine? guest))
        {
            _guests[fixture] = guest = new Machine(this[fixture], "guest-of-all");
            guest.Boot("--private-network").AwaitRunning();
        }

        return guest;
    }

    internal RealHost this[string fixture]
    {
        get
        {
            if (!_booted.TryGetValue(fixture, out RealHost? host))
            {
                Need.Root();
                _booted[fixture] = host = RealHost.Boot(fixture);
            }

            return host;
        }
    }
}
