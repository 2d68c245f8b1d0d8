using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>A layer of an image.</summary>
/// <param name="Name">Where its content is in the layout or archive.</param>
/// <param name="Digest">The hash of the content as it is stored; null: nothing says (an archive of docker's older form).</param>
/// <param name="Size">Its size as it is stored; negative: nothing says.</param>
/// <param name="DiffId">The hash of its tar archive, in hexadecimal digits: what the layer is known by on this host.</param>
public sealed record OciLayer(string Name, string? Digest, long Size, string DiffId);

/// <summary>An image as it was found: what it is made of, and how it wants to be run.</summary>
/// <param name="Layers">The lowest first.</param>
/// <param name="Execution">What it says of how it is run.</param>
public sealed record OciImage(ImmutableArray<OciLayer> Layers, OciExecution Execution);

/// <summary>An image that cannot be used; the message says why, without the image's name.</summary>
public sealed class OciException(string message) : Exception(message);
