/** Settings of deployments that bring their own Kafka. */
export const network = {
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1,subnet-0123456789abcdef2',
  securityGroupId: 'sg-0123456789abcdef0',
}

export const existing = { ...network, cluster: 'arn:aws:kafka:us-east-1:111122223333:cluster/demo/0f1e-2d3c-4b5a-1' }

export const selfManaged = { ...network, cluster: 'self-managed', bootstrapServers: 'k1:9092,k2:9092' }
