using Nspawn.Linux;

namespace Nspawn;

/// <summary>
/// A unit as the guest's manager sees it; org.freedesktop.systemd1(5), ListUnits(). The path is that of its object, for
/// <see cref="GuestManager.Properties"/>; a job of 0 is none.
/// </summary>
internal sealed record GuestUnit(
    string Name, string Description, string LoadState, string ActiveState, string SubState, string Path, uint Job, string JobType);

/// <summary>A job, whose state is <c>waiting</c> or <c>running</c>.</summary>
internal sealed record GuestJob(uint Id, string Unit, string Type, string State);

/// <summary>
/// The systemd of a machine, asked from outside about its units and jobs. It works for every release from 252 on, and needs no bus
/// on either side. A question that is not answered in time is a <see cref="GuestException"/>.
/// </summary>
internal sealed class GuestManager : IDisposable
{
    private const string Object = "/org/freedesktop/systemd1";
    private const string Interface = "org.freedesktop.systemd1";
    private const string Manager = Interface + ".Manager";

    /// <summary>Properties of every unit.</summary>
    public const string Unit = Interface + ".Unit";

    /// <summary>Properties of services: Result, ExecMainStatus and the like.</summary>
    public const string Service = Interface + ".Service";

    /// <summary>Properties of the units of a type, such as <c>mount</c>.</summary>
    public static string InterfaceOf(string type) => $"{Interface}.{char.ToUpperInvariant(type[0])}{type[1..]}";

    private readonly ManagerConnection _connection;
    private readonly TimeSpan _patience;

    private GuestManager(ManagerConnection connection, TimeSpan patience) => (_connection, _patience) = (connection, patience);

    /// <summary>What to poll for changes.</summary>
    public PollEntry Entry => _connection.Entry;

    /// <summary>Connects; null where the machine has no systemd, or it is not so far yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="patience">How long an answer may take.</param>
    public static GuestManager? TryConnect(RunningMachine machine, TimeSpan patience) =>
        ManagerConnection.TryConnect(machine, patience) is ManagerConnection connection ? new GuestManager(connection, patience) : null;

    /// <summary>The units that the manager has in memory.</summary>
    public IReadOnlyList<GuestUnit> Units() =>
        [.. Rows(Ask("ListUnits"), 10).Select(row => new GuestUnit(
            Text(row[0]), Text(row[1]), Text(row[2]), Text(row[3]), Text(row[4]), Text(row[6]), Number(row[7]), Text(row[8])))];

    public IReadOnlyList<GuestJob> Jobs() =>
        [.. Rows(Ask("ListJobs"), 6).Select(row => new GuestJob(Number(row[0]), Text(row[1]), Text(row[2]), Text(row[3])))];

    /// <summary>The object of a unit, which is loaded where it is not yet. There is one for units that do not exist, too.</summary>
    public string Load(string unit) => Text(Ask("LoadUnit", unit) is [object path, ..] ? path : "");

    /// <summary>A property of an object; the value is what <see cref="WireReader"/> makes of its type.</summary>
    public object Property(string path, string @interface, string name) =>
        _connection.Call(_patience, path, "org.freedesktop.DBus.Properties", "Get", @interface, name) is [object value] ? value : throw Unexpected();

    /// <summary>All properties of an object.</summary>
    public IReadOnlyDictionary<string, object> Properties(string path, string @interface)
    {
        Dictionary<string, object> properties = [];
        foreach (object[] pair in Rows(_connection.Call(_patience, path, "org.freedesktop.DBus.Properties", "GetAll", @interface), 2))
        {
            properties[Text(pair[0])] = pair[1];
        }

        return properties;
    }

    /// <summary>Properties of the manager itself: SystemState, Version, NFailedUnits, the timestamps of the boot.</summary>
    public IReadOnlyDictionary<string, object> OfManager() => Properties(Object, Manager);

    /// <summary>Takes what the manager has told unasked; whether any of it may be about the object. Never blocks.</summary>
    public bool HasChanged(string path)
    {
        bool changed = false;
        for (int i = 0; i < ManagerConnection.MostSignals; i++)
        {
            if (_connection.NextSignal() is not WireMessage signal)
            {
                return changed;
            }

            changed |= signal.Path == path;
        }

        return true; // there is more than is taken at a time: whoever asks the manager gets behind it
    }

    public void Dispose() => _connection.Dispose();

    private object[] Ask(string member, params ReadOnlySpan<object> arguments) => _connection.Call(_patience, Object, Manager, member, arguments);

    private static IEnumerable<object[]> Rows(object[] answer, int fields) =>
        answer is [object[] rows] ? rows.Select(row => row is object[] values && values.Length >= fields ? values : throw Unexpected()) : throw Unexpected();

    private static string Text(object value) => value as string ?? throw Unexpected();

    private static uint Number(object value) => value is ulong number ? (uint)number : throw Unexpected();

    private static GuestException Unexpected() => new("", "its manager's answer makes no sense");
}
