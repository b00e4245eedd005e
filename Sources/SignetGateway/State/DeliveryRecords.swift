/// Tells metrics and the log how vendors answer.
struct DeliveryRecords: DeliveryObserving {
    let services: Gateway.Services
}
