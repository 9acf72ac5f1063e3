namespace Serve.Eval.Usb;

/// <summary>A constant of the benchmark, and where it was found.</summary>
/// <param name="Value">The constant.</param>
/// <param name="Source">A key of <see cref="UsbDivisions.Sources"/>.</param>
public sealed record Sourced<T>(T Value, string Source);
