using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What is asked about, or of, a machine that runs.</summary>
public abstract record MachineRequest
{
    private MachineRequest()
    {
    }

    /// <summary>Show the machines.</summary>
    public sealed record List(bool Json) : MachineRequest;

    /// <summary>Run a program in it, or a login shell.</summary>
    /// <param name="Machine">Its name; null: the only one that runs.</param>
    public sealed record Execute(string? Machine) : MachineRequest
    {
        /// <summary>The user of the container, by name or number.</summary>
        public string User { get; init; } = "root";

        /// <summary>On a terminal of the container's.</summary>
        public bool Terminal { get; init; }

        /// <summary>Assignments; they win over the ones that are made anyway.</summary>
        public ImmutableArray<string> Environment { get; init; } = [];

        /// <summary>Where it starts; null: at the root, and a login shell at home.</summary>
        public string? Directory { get; init; }

        /// <summary>The program and its arguments; empty: the user's shell.</summary>
        public ImmutableArray<string> Command { get; init; } = [];
    }

    /// <summary>Wait until the condition holds: <c>ready</c>, <c>exit</c>, or the name of a unit that is to be active.</summary>
    /// <param name="Machine">Its name.</param>
    /// <param name="For">The condition.</param>
    /// <param name="Timeout">Null: as long as it takes.</param>
    public sealed record Wait(string Machine, string For, TimeSpan? Timeout) : MachineRequest
    {
        public const string Ready = "ready";
        public const string Exit = "exit";
    }

    /// <summary>End it, in an orderly way for so long, and then not.</summary>
    public sealed record Stop(string Machine, TimeSpan? Timeout, bool Kill) : MachineRequest;

    /// <summary>Show its journal.</summary>
    public sealed record Logs(string Machine, bool Follow, int? Lines) : MachineRequest;
}
