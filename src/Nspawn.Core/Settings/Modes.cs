namespace Nspawn.Core;

/// <summary>What becomes PID 1.</summary>
public enum StartMode
{
    /// <summary>The command, or a login shell, is PID 1.</summary>
    Command,

    /// <summary><c>--as-pid2</c>: a small stub init is PID 1, the command PID 2.</summary>
    AsPid2,

    /// <summary><c>--boot</c>: the tree's own init is PID 1.</summary>
    Boot,
}

/// <summary><c>--console=</c>; what the payload's standard input, output and error are.</summary>
public enum ConsoleMode
{
    /// <summary>Interactive when standard input and output are terminals, read-only otherwise.</summary>
    Default,

    /// <summary>A pseudo terminal, forwarded both ways.</summary>
    Interactive,

    /// <summary>A pseudo terminal, its output forwarded, nothing typed into it.</summary>
    ReadOnly,

    /// <summary>A pseudo terminal that nobody is connected to.</summary>
    Passive,

    /// <summary>The launcher's own descriptors 0, 1 and 2, handed over as they are.</summary>
    Pipe,

    /// <summary>Interactive when standard input and output are terminals, pipe otherwise.</summary>
    Autopipe,
}

/// <summary><c>--ephemeral</c>; where what the container writes to its tree is kept while it runs.</summary>
public enum EphemeralMode
{
    /// <summary>In the tree.</summary>
    No,

    /// <summary>Wherever it costs least: <c>-x</c>.</summary>
    Yes,

    /// <summary>In memory.</summary>
    Memory,

    /// <summary>On disk, in a directory of the host that is gone with the container.</summary>
    Disk,
}

/// <summary><c>--volatile=</c>; which part of the tree a boot begins without.</summary>
public enum VolatileMode
{
    No,

    /// <summary>All but /usr: the root is empty memory, /usr the tree's, read-only.</summary>
    Yes,

    /// <summary>/var is empty memory, all else the tree's, read-only.</summary>
    State,

    /// <summary>Nothing: but what is written goes to memory, and is gone with the boot.</summary>
    Overlay,
}

/// <summary><c>--resolv-conf=</c>; how /etc/resolv.conf of the tree is made.</summary>
public enum ResolvConfMode
{
    Auto, Off,
    CopyHost, CopyStatic, CopyUplink, CopyStub,
    ReplaceHost, ReplaceStatic, ReplaceUplink, ReplaceStub,
    BindHost, BindStatic, BindUplink, BindStub,
    Delete,
}

/// <summary><c>--timezone=</c>; how /etc/localtime of the tree is made.</summary>
public enum TimezoneMode { Auto, Off, Copy, Bind, Symlink, Delete }

/// <summary><c>--link-journal=</c>; where the journal of a booted tree is kept, so that both sides see it.</summary>
public enum LinkJournalMode
{
    /// <summary>On the host, when it has a directory for that machine already.</summary>
    Auto,
    No,

    /// <summary>In a directory of the host that is bound into the tree; TryHost: where that can be.</summary>
    Host, TryHost,

    /// <summary>In the tree, with a link from the host; TryGuest: where that can be.</summary>
    Guest, TryGuest,
}

/// <summary><c>--personality=</c>; personality(2).</summary>
public enum Personality
{
    /// <summary>The host's, or the one of the tree's architecture.</summary>
    Default,
    X86,
    X8664,
}

/// <summary><c>--register=</c>; whether the machine is registered with machined.</summary>
public enum RegisterMode
{
    /// <summary>Where machined can be reached; otherwise the launch goes on without.</summary>
    Auto,
    Yes,
    No,
}

/// <summary><c>--settings=</c>; whether a settings file is read, what it may, and whose word counts.</summary>
public enum SettingsFileMode
{
    /// <summary>The command line wins; a file beside the tree may only ask for what is harmless.</summary>
    Yes,
    No,

    /// <summary>The file wins; beside the tree it may no more than otherwise.</summary>
    Override,

    /// <summary>The command line wins; the file may ask for everything wherever it is.</summary>
    Trusted,
}
