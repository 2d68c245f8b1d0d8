namespace Nspawn.Linux;

/// <summary>A call on the bus that failed: D-Bus's name for the error, and the words of whoever refused.</summary>
/// <param name="name">Such as <c>org.freedesktop.DBus.Error.UnknownMethod</c>.</param>
/// <param name="text">What the other side says about it.</param>
public sealed class BusException(string name, string text) : Exception(text)
{
    private const string Standard = "org.freedesktop.DBus.Error.";

    public string Name { get; } = name;

    /// <summary>No answer came in time, and perhaps one comes yet.</summary>
    public bool IsTimeout => Name == Standard + "Timeout";

    /// <summary>The other side is an older one: it has no such method.</summary>
    public bool IsUnknownMethod => Name == Standard + "UnknownMethod";

    /// <summary>The other side is an older one, or somebody asked for nonsense: it has no such property.</summary>
    public bool IsUnknownProperty => Name is Standard + "UnknownProperty" or Standard + "PropertyReadOnly";
}
