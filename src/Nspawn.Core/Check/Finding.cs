namespace Nspawn.Core;

/// <summary>How much a finding matters to who boots the tree.</summary>
public enum Severity
{
    /// <summary>It will not boot.</summary>
    Error,

    /// <summary>It will boot, and something in it will not work, or not be safe.</summary>
    Warning,

    /// <summary>Good to know.</summary>
    Note,
}

/// <summary>Something a tree can have that is worth a word before it is booted.</summary>
/// <param name="Id">Stable: scripts look for it.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record FindingKind(string Id, Severity Severity, string Remedy)
{
    public Finding With(string message, string? remedy = null) => new(Id, Severity, Nspawn.Core.Message.OneLine(message), remedy ?? Remedy);
}

/// <summary>One finding in one tree.</summary>
/// <param name="Id">Its kind.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Message">What was found, in one line.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record Finding(string Id, Severity Severity, string Message, string Remedy);
