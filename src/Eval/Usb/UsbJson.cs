using System.Text.Json.Serialization;

namespace Serve.Eval.Usb;

/// <summary>How the benchmark's records are written: camelCase names, indented for people.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(UsbScaleReport))]
internal sealed partial class UsbJson : JsonSerializerContext;
