namespace Nspawn;

/// <summary>A guest's manager that refuses, does not answer, or answers what makes no sense.</summary>
/// <param name="name">D-Bus's name for an error that the manager reported; empty: it was not that.</param>
/// <param name="text">What is wrong.</param>
internal sealed class GuestException(string name, string text) : Exception(text)
{
    public string Name { get; } = name;
}
